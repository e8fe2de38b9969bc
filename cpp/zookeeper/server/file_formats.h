// What ZooKeeper's log and snapshot files have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/file_system.h"
#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

/// Both kinds of file begin with it.
struct FileHeader {
  int32_t magic = 0;
  int32_t version = 2;
  int64_t db_id = 0;
  void fields(auto& v) { v(magic, version, db_id); }
};
inline constexpr size_t kFileHeaderSize = 16;

/// zlib's checksum over the bytes.
uint32_t adler32_of(ByteView bytes);

/// A file "log.<zxid>" or "snapshot.<zxid>".
struct ZxidFile {
  Zxid zxid = 0;
  std::string path;
};
/// "log" and 255 give "log.ff".
std::string zxid_file_name(std::string_view prefix, Zxid zxid);
/// Those with the prefix in a directory, the smallest zxid first; other names are left alone.
std::vector<ZxidFile> zxid_files(FileSystem& files, const std::string& directory,
                                 std::string_view prefix);

}  // namespace kafkascope::zk

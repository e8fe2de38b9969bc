#include "zookeeper/server/file_formats.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>

namespace kafkascope::zk {

uint32_t adler32_of(ByteView bytes) {
  return static_cast<uint32_t>(::adler32_z(::adler32(0, nullptr, 0), bytes.data(), bytes.size()));
}

std::string zxid_file_name(std::string_view prefix, Zxid zxid) {
  return fmt::format("{}.{:x}", prefix, zxid);
}

std::vector<ZxidFile> zxid_files(FileSystem& files, const std::string& directory,
                                 std::string_view prefix) {
  std::vector<ZxidFile> found;
  for (const std::string& name : files.list(directory)) {
    if (!name.starts_with(std::string(prefix) + ".")) continue;
    const char* const end = name.data() + name.size();
    Zxid zxid = 0;
    const auto parsed = std::from_chars(name.data() + prefix.size() + 1, end, zxid, 16);
    if (parsed.ec == std::errc{} && parsed.ptr == end && zxid >= 0)
      found.push_back({zxid, directory + "/" + name});
  }
  std::ranges::sort(found, {}, &ZxidFile::zxid);
  return found;
}

}  // namespace kafkascope::zk

// FileSystem on POSIX calls. Every failure becomes a KafkaStorageException that names call, path
// and reason.
#pragma once

#include "runtime/file_system.h"

namespace kafkascope::real {

class RealFileSystem : public FileSystem {
 public:
  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
  std::unique_ptr<MappedFile> map(const std::string& path, uint64_t size) override;
  void rename(const std::string& from, const std::string& to) override;
  bool remove(const std::string& path) override;
  void create_directories(const std::string& path) override;
  std::vector<std::string> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  void sync_dir(const std::string& path) override;
  uint64_t free_bytes(const std::string& path) override;
  int64_t modified_ms(const std::string& path) override;
  void set_modified_ms(const std::string& path, int64_t modified_ms) override;
  std::unique_ptr<File> try_lock(const std::string& path) override;
};

}  // namespace kafkascope::real

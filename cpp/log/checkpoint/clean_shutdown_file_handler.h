// CleanShutdownFileHandler: the file that says a log directory needs no recovery.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kafkascope {

class FileSystem;

/// ".kafka_cleanshutdown" of one log directory. It must be gone, durably, before the first append.
class CleanShutdownFileHandler {
 public:
  CleanShutdownFileHandler(FileSystem& files, const std::string& log_dir)
      : files_(files), dir_(log_dir), path_(log_dir + "/.kafka_cleanshutdown") {}

  void write(int64_t broker_epoch);
  bool exists() const;
  void remove();
  /// The broker epoch that it holds; nothing when it is absent, empty (older Kafka) or damaged.
  std::optional<int64_t> read() const;

 private:
  FileSystem& files_;
  const std::string dir_;
  const std::string path_;
};

}  // namespace kafkascope

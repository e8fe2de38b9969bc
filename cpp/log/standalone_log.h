// StandaloneLog: the log of one directory that no broker serves, to be driven by hand.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/config_def.h"
#include "log/cleaner/cleaner_stats.h"
#include "log/log.h"

namespace kafkascope {

class File;
class LogDirFailureChannel;

/// A Log with what its LogManager would know: the checkpoints and the clean shutdown file of the
/// directory above it, which is locked meanwhile. Any thread may call.
class StandaloneLog {
 public:
  /// Makes, loads or recovers "/data/flights-0". `config` has topic keys. Throws ConfigException,
  /// KafkaStorageException, and KafkaException when a broker has the directory.
  StandaloneLog(Node& node, const std::string& dir, const ConfigMap& config);
  /// Closes, as far as that was not done.
  ~StandaloneLog();
  StandaloneLog(const StandaloneLog&) = delete;
  StandaloneLog& operator=(const StandaloneLog&) = delete;

  Log& log() { return *log_; }
  /// Compacts what may be cleaned, whatever min.cleanable.dirty.ratio says. Nothing when there is
  /// nothing dirty below the active segment.
  std::optional<CleanerStats> clean();
  /// A clean shutdown. Appends throw afterwards.
  void close();

 private:
  std::optional<Offset> checkpointed(const char* file) const;
  void checkpoint(const char* file, Offset offset);

  Node& node_;
  const std::unique_ptr<LogDirFailureChannel> failures_;
  const std::string parent_;
  TopicPartition partition_;
  std::unique_ptr<File> lock_;
  std::shared_ptr<Log> log_;
  bool closed_ = false;
};

}  // namespace kafkascope

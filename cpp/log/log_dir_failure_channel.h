// LogDirFailureChannel: where a failed disk is reported, and where the broker waits for such news.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's LogDirFailureChannel. Any thread may call.
class LogDirFailureChannel {
 public:
  explicit LogDirFailureChannel(Node& node);

  /// Notes that the directory failed. Only the first report of a directory is handed on.
  void maybe_add_offline_log_dir(const std::string& log_dir, const std::string& reason);
  bool is_offline(const std::string& log_dir) const;
  /// Waits for the next failed directory until the deadline; empty when none came or when closed.
  std::string take_next_offline_log_dir(Instant deadline);
  /// Wakes whoever waits.
  void close();

 private:
  Node& node_;
  mutable Mutex mutex_;
  ConditionVariable reported_;
  std::set<std::string> offline_ KS_GUARDED_BY(mutex_);
  std::vector<std::string> queue_ KS_GUARDED_BY(mutex_);
  bool closed_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope

#include "log/log_dir_failure_channel.h"

#include "common/logging.h"

namespace kafkascope {

LogDirFailureChannel::LogDirFailureChannel(Node& node)
    : node_(node), mutex_(node, "log-dir-failure-channel"), reported_(node, "log-dir-failures") {}

void LogDirFailureChannel::maybe_add_offline_log_dir(const std::string& log_dir,
                                                     const std::string& reason) {
  Lock lock(mutex_);
  if (!offline_.insert(log_dir).second) return;
  KS_LOG(kError, node_.name(), "log directory {} goes offline: {}", log_dir, reason);
  KS_TRACE(node_, "LogDirFailed", {"dir", log_dir}, {"reason", reason});
  queue_.push_back(log_dir);
  reported_.notify_all();
}

bool LogDirFailureChannel::is_offline(const std::string& log_dir) const {
  Lock lock(mutex_);
  return offline_.contains(log_dir);
}

std::string LogDirFailureChannel::take_next_offline_log_dir(Instant deadline) {
  Lock lock(mutex_);
  while (!closed_ && queue_.empty()) {
    if (!reported_.wait_until(lock, deadline)) break;
  }
  if (queue_.empty()) return {};
  std::string next = queue_.front();
  queue_.erase(queue_.begin());
  return next;
}

void LogDirFailureChannel::close() {
  Lock lock(mutex_);
  closed_ = true;
  reported_.notify_all();
}

}  // namespace kafkascope

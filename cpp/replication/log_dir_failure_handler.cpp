#include "replication/log_dir_failure_handler.h"

#include "log/log_dir_failure_channel.h"

namespace kafkascope {

LogDirFailureHandler::LogDirFailureHandler(Node& node, LogDirFailureChannel& failures,
                                           std::function<void(const std::string&)> handle)
    : Worker(node, "LogDirFailureHandler"), failures_(failures), handle_(std::move(handle)) {}

void LogDirFailureHandler::do_work() {
  const std::string log_dir = failures_.take_next_offline_log_dir(kForever);
  if (!log_dir.empty()) handle_(log_dir);
}

void LogDirFailureHandler::wakeup() { failures_.close(); }

}  // namespace kafkascope

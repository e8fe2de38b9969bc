// LogDirFailureHandler: the thread that takes failed log directories out of service.
#pragma once

#include <functional>
#include <string>

#include "runtime/worker.h"

namespace kafkascope {

class LogDirFailureChannel;

/// Kafka's ReplicaManager.LogDirFailureHandler. Whoever meets an I/O error only reports it, since
/// it may hold the locks of the log; what follows happens here.
class LogDirFailureHandler : public Worker {
 public:
  /// `handle` is called with each directory that failed, on this thread.
  LogDirFailureHandler(Node& node, LogDirFailureChannel& failures,
                       std::function<void(const std::string& log_dir)> handle);

 protected:
  void do_work() override;
  void wakeup() override;

 private:
  LogDirFailureChannel& failures_;
  const std::function<void(const std::string&)> handle_;
};

}  // namespace kafkascope

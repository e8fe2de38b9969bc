// ReplicaAlterLogDirsThread: copies logs that move to another directory of the same broker.
#pragma once

#include <functional>
#include <vector>

#include "log/log_manager.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Kafka's ReplicaAlterLogDirsThread, which is a fetcher whose leader is the local log (KIP-113).
/// One do_work copies a piece of each log that moves, and lets the copy take the log's place once
/// it has all of it; then it waits for more to do.
class ReplicaAlterLogDirsThread : public Worker {
 public:
  /// Called for a copy that has caught up: holds appends back and, if it still has all, replaces
  /// the log. True when it did.
  using Replace = std::function<bool(const TopicPartition&)>;

  ReplicaAlterLogDirsThread(Node& node, LogManager& logs, Replace replace);

  /// There is a new copy.
  void wake();

 protected:
  void do_work() override;
  void wakeup() override { wake(); }

 private:
  /// True when there was something to copy.
  bool copy_some(const TopicPartition& partition, Log& from, Log& to);

  void give_up(const TopicPartition& partition);

  LogManager& logs_;
  const Replace replace_;
  Mutex mutex_;
  ConditionVariable woken_;
  bool wake_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope

// CleanerThread: cleans the filthiest log, again and again.
#pragma once

#include <optional>

#include "log/cleaner/cleaner.h"
#include "log/cleaner/log_cleaner_manager.h"
#include "runtime/worker.h"

namespace kafkascope {

class LogDirFailureChannel;

/// Kafka's kafka-log-cleaner-thread-N. One do_work cleans one log, runs the retention of compacted
/// logs, and waits log.cleaner.backoff.ms when there was nothing to clean.
class CleanerThread : public Worker {
 public:
  CleanerThread(Node& node, int id, const CleanerConfig& config, LogCleanerManager& manager,
                Throttler& throttler, LogDirFailureChannel& failures);

  /// Of the last cleaning; nothing before the first.
  std::optional<CleanerStats> last_stats() const;
  PreCleanStats last_pre_clean_stats() const;
  /// Cleans the filthiest log, if there is one, on the caller's thread. False when there was none.
  bool clean_filthiest_log();

 protected:
  void do_work() override;
  void wakeup() override;

 private:
  void check_done(const TopicPartition& partition) const;
  void clean_log(const LogToClean& cleanable);
  void delete_old_segments();
  void report(const CleanerStats& stats) const;

  const int id_;
  const Duration backoff_;
  LogCleanerManager& manager_;
  LogDirFailureChannel& failures_;
  Cleaner cleaner_;
  std::atomic<bool> stopping_{false};
  mutable Mutex mutex_;
  ConditionVariable stopped_;
  std::optional<CleanerStats> last_stats_ KS_GUARDED_BY(mutex_);
  PreCleanStats last_pre_clean_stats_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

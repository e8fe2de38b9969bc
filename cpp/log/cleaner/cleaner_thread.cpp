#include "log/cleaner/cleaner_thread.h"

#include <fmt/core.h>

#include "common/logging.h"
#include "log/log_dir_failure_channel.h"

namespace kafkascope {
namespace {

double megabytes(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

}  // namespace

CleanerThread::CleanerThread(Node& node, int id, const CleanerConfig& config,
                             LogCleanerManager& manager, Throttler& throttler,
                             LogDirFailureChannel& failures)
    : Worker(node, fmt::format("kafka-log-cleaner-thread-{}", id)),
      id_(id),
      backoff_(config.backoff),
      manager_(manager),
      failures_(failures),
      cleaner_(node, config, throttler,
               [this](const TopicPartition& partition) { check_done(partition); }),
      mutex_(node, "cleaner-thread"),
      stopped_(node, "cleaner backoff") {}

std::optional<CleanerStats> CleanerThread::last_stats() const {
  Lock lock(mutex_);
  return last_stats_;
}

PreCleanStats CleanerThread::last_pre_clean_stats() const {
  Lock lock(mutex_);
  return last_pre_clean_stats_;
}

void CleanerThread::check_done(const TopicPartition& partition) const {
  if (stopping_) throw LogCleaningAbortedException(name() + " stops");
  manager_.check_cleaning_aborted(partition);
}

void CleanerThread::wakeup() {
  stopping_ = true;
  Lock lock(mutex_);
  stopped_.notify_all();
}

void CleanerThread::do_work() {
  const bool cleaned = clean_filthiest_log();
  delete_old_segments();
  manager_.maintain_uncleanable_partitions();
  if (cleaned) return;
  Lock lock(mutex_);
  const Instant until = deadline_after(node_.clock().monotonic(), backoff_);
  stopped_.wait_until(lock, until, [this] { return stopping_.load(); });
}

bool CleanerThread::clean_filthiest_log() {
  PreCleanStats seen;
  const std::optional<LogToClean> cleanable = manager_.grab_filthiest_compacted_log(seen);
  {
    Lock lock(mutex_);
    last_pre_clean_stats_ = seen;
  }
  if (!cleanable) return false;
  clean_log(*cleanable);
  return true;
}

void CleanerThread::clean_log(const LogToClean& cleanable) {
  const Log& log = *cleanable.log;
  Offset end = cleanable.first_dirty_offset;
  try {
    const Cleaner::Result result = cleaner_.clean(cleanable);
    end = result.end_offset;
    report(result.stats);
    Lock lock(mutex_);
    last_stats_ = result.stats;
  } catch (const LogCleaningAbortedException& e) {
    KS_LOG(kInfo, node_.name(), "{}", e.what());
  } catch (const KafkaStorageException& e) {
    failures_.maybe_add_offline_log_dir(log.parent_dir(), e.what());
  } catch (const KafkaException& e) {
    KS_LOG(kWarn, node_.name(), "{} is uncleanable: {}", log.topic_partition().to_string(),
           e.what());
    manager_.mark_partition_uncleanable(log.parent_dir(), log.topic_partition());
  }
  try {
    manager_.done_cleaning(log, end);
  } catch (const KafkaStorageException& e) {
    failures_.maybe_add_offline_log_dir(log.parent_dir(), e.what());
  }
}

void CleanerThread::delete_old_segments() {
  const auto logs = manager_.deletable_logs();
  for (const auto& log : logs) {
    try {
      log->delete_old_segments();
    } catch (const KafkaException& e) {
      KS_LOG(kWarn, node_.name(), "{}: {}", log->topic_partition().to_string(), e.what());
    }
  }
  manager_.done_deleting(logs);
}

void CleanerThread::report(const CleanerStats& stats) const {
  KS_LOG(kInfo, node_.name(),
         "cleaner thread {} cleaned {} (dirty section {} to {}): {:.1f} MiB with {} records became "
         "{:.1f} MiB with {} in {:.1f} s",
         id_, stats.partition.to_string(), stats.from, stats.to, megabytes(stats.bytes_read),
         stats.messages_read, megabytes(stats.bytes_written), stats.messages_written,
         stats.elapsed_secs());
  if (stats.invalid_messages_read == 0) return;
  KS_LOG(kWarn, node_.name(), "{}: {} records without a key were dropped",
         stats.partition.to_string(), stats.invalid_messages_read);
}

}  // namespace kafkascope

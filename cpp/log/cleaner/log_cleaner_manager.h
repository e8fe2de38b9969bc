// LogCleanerManager: which log is cleaned next, which may not be, and how far each is clean.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/cleaner/cleaner_stats.h"
#include "log/cleaner/log_to_clean.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's LogCleanerManager. A log is free, LogCleaningInProgress, LogCleaningAborted (somebody
/// waits for the cleaner to let go) or LogCleaningPaused, once or more. Any thread may call; locks
/// its own mutex, then those of logs.
class LogCleanerManager {
 public:
  /// What it asks of the LogManager.
  struct Sources {
    std::function<std::vector<std::shared_ptr<Log>>()> logs;
    std::function<std::vector<std::string>()> live_log_dirs;
  };
  /// Picks one of those that are cleanable: their index. The default takes the filthiest.
  using Choice = std::function<size_t(const std::vector<LogToClean>&)>;

  LogCleanerManager(Node& node, Sources sources);

  /// The log to clean next, marked as in progress; nothing when none is dirty enough. A log whose
  /// state cannot be read becomes uncleanable.
  std::optional<LogToClean> grab_filthiest_compacted_log(PreCleanStats& stats);
  void set_choice(Choice choice);
  /// The end of a cleaning: clean up to `end_offset`, unless it was aborted.
  void done_cleaning(const Log& log, Offset end_offset);

  /// Compacted logs for retention, marked as in progress until done_deleting.
  std::vector<std::shared_ptr<Log>> deletable_logs();
  void done_deleting(const std::vector<std::shared_ptr<Log>>& logs);
  /// The others, paused until resume_cleaning: their policy may change meanwhile.
  std::vector<std::shared_ptr<Log>> pause_cleaning_for_non_compacted_partitions();

  /// Ends a cleaning of the partition and returns when it has ended.
  void abort_cleaning(const TopicPartition& partition);
  /// The same, and it is not cleaned again before resume_cleaning.
  void abort_and_pause_cleaning(const TopicPartition& partition);
  void resume_cleaning(const TopicPartition& partition);
  /// For cleaners. Throws LogCleaningAbortedException.
  void check_cleaning_aborted(const TopicPartition& partition) const;

  // cleaner-offset-checkpoint
  /// How far each partition is clean, from the files of all live directories.
  PartitionOffsets all_cleaner_checkpoints() const;
  void update_checkpoint(const std::string& log_dir, const TopicPartition& partition,
                         Offset offset);
  void remove_checkpoint(const std::string& log_dir, const TopicPartition& partition);
  /// The partition moved to another directory.
  void alter_checkpoint_dir(const TopicPartition& partition, const std::string& from,
                            const std::string& to);
  /// The log was truncated: what is written from there on is dirty.
  void maybe_truncate_checkpoint(const std::string& log_dir, const TopicPartition& partition,
                                 Offset offset);

  /// A cleaning failed: no more of it until a restart.
  void mark_partition_uncleanable(const std::string& log_dir, const TopicPartition& partition);
  /// Forgets those that are gone.
  void maintain_uncleanable_partitions();
  void handle_log_dir_failure(const std::string& log_dir);

  // Metrics.
  double max_dirty_percent() const;
  double time_since_last_run_ms() const;
  double uncleanable_partitions_count(const std::string& log_dir) const;
  double uncleanable_bytes(const std::string& log_dir) const;
  /// "LogCleaningInProgress", ...; empty: free.
  std::string state_of(const TopicPartition& partition) const;

 private:
  struct State {
    enum Kind { kInProgress, kAborted, kPaused } kind = kInProgress;
    int pauses = 0;
  };

  bool is_uncleanable(const Log& log) const KS_REQUIRES(mutex_);
  std::vector<LogToClean> dirty_logs(PreCleanStats& stats) KS_REQUIRES(mutex_);
  void release(const TopicPartition& partition) KS_REQUIRES(mutex_);
  PartitionOffsets read_checkpoint(const std::string& log_dir) const;
  void change_checkpoint(const std::string& log_dir,
                         const std::function<void(PartitionOffsets&)>& change);

  Node& node_;
  const Sources sources_;
  mutable Mutex mutex_;
  ConditionVariable paused_;
  std::map<TopicPartition, State> in_progress_ KS_GUARDED_BY(mutex_);
  std::map<std::string, std::set<TopicPartition>> uncleanable_ KS_GUARDED_BY(mutex_);
  Choice choice_ KS_GUARDED_BY(mutex_);
  double dirtiest_ratio_ KS_GUARDED_BY(mutex_) = 0;
  TimestampMs last_run_ms_ KS_GUARDED_BY(mutex_);
  mutable Mutex checkpoint_mutex_;  // one change of the files at a time; never with mutex_ inside
};

}  // namespace kafkascope

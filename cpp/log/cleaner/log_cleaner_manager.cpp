#include "log/cleaner/log_cleaner_manager.h"

#include <algorithm>

#include "common/logging.h"

namespace kafkascope {
namespace {

size_t filthiest_of(const std::vector<LogToClean>& logs) {
  size_t best = 0;
  for (size_t i = 1; i < logs.size(); ++i) {
    if (logs[i].cleanable_ratio() > logs[best].cleanable_ratio()) best = i;
  }
  return best;
}

}  // namespace

LogCleanerManager::LogCleanerManager(Node& node, Sources sources)
    : node_(node),
      sources_(std::move(sources)),
      mutex_(node, "log-cleaner-manager"),
      paused_(node, "log cleaning paused"),
      choice_(filthiest_of),
      last_run_ms_(node.clock().wall_ms()),
      checkpoint_mutex_(node, "cleaner-checkpoint") {}

void LogCleanerManager::set_choice(Choice choice) {
  Lock lock(mutex_);
  choice_ = choice ? std::move(choice) : filthiest_of;
}

bool LogCleanerManager::is_uncleanable(const Log& log) const {
  const auto dir = uncleanable_.find(log.parent_dir());
  return dir != uncleanable_.end() && dir->second.contains(log.topic_partition());
}

std::vector<LogToClean> LogCleanerManager::dirty_logs(PreCleanStats& stats) {
  const TimestampMs now = last_run_ms_ = node_.clock().wall_ms();
  const PartitionOffsets checkpoints = all_cleaner_checkpoints();
  std::vector<LogToClean> dirty;
  for (const auto& log : sources_.logs()) {
    const TopicPartition& partition = log->topic_partition();
    if (!log->config()->compact || in_progress_.contains(partition) || is_uncleanable(*log))
      continue;
    const auto known = checkpoints.find(partition);
    const auto last_clean =
        known == checkpoints.end() ? std::nullopt : std::optional(known->second);
    try {
      const OffsetsToClean offsets = cleanable_offsets(*log, last_clean, now);
      if (offsets.force_update_checkpoint)
        update_checkpoint(log->parent_dir(), partition, offsets.first_dirty_offset);
      const int64_t delay = max_compaction_delay(*log, offsets.first_dirty_offset, now);
      stats.max_compaction_delay_ms = std::max(stats.max_compaction_delay_ms, delay);
      stats.delayed_partitions += delay > 0;
      LogToClean to_clean(log, offsets, delay > 0);
      if (to_clean.total_bytes() > 0) dirty.push_back(std::move(to_clean));
    } catch (const KafkaException& e) {
      KS_LOG(kWarn, node_.name(), "{}: uncleanable: {}", partition.to_string(), e.what());
      uncleanable_[log->parent_dir()].insert(partition);
    }
  }
  return dirty;
}

std::optional<LogToClean> LogCleanerManager::grab_filthiest_compacted_log(PreCleanStats& stats) {
  Lock lock(mutex_);
  std::vector<LogToClean> logs = dirty_logs(stats);
  dirtiest_ratio_ = 0;
  for (const LogToClean& log : logs)
    dirtiest_ratio_ = std::max(dirtiest_ratio_, log.cleanable_ratio());
  std::erase_if(logs, [](const LogToClean& log) { return !log.is_cleanable(); });
  stats.cleanable_partitions = static_cast<int>(logs.size());
  if (logs.empty()) return std::nullopt;
  LogToClean chosen = logs.at(choice_(logs));
  in_progress_[chosen.log->topic_partition()] = {};
  return chosen;
}

/// Free again, or paused when somebody waits for that.
void LogCleanerManager::release(const TopicPartition& partition) {
  const auto at = in_progress_.find(partition);
  KS_CHECK(at != in_progress_.end() && at->second.kind != State::kPaused, partition.to_string());
  if (at->second.kind == State::kInProgress) {
    in_progress_.erase(at);
  } else {
    at->second = {State::kPaused, 1};
    paused_.notify_all();
  }
}

void LogCleanerManager::done_cleaning(const Log& log, Offset end_offset) {
  const TopicPartition& partition = log.topic_partition();
  bool aborted;
  {
    Lock lock(mutex_);
    aborted = in_progress_.at(partition).kind == State::kAborted;
  }
  std::optional<KafkaStorageException> failure;
  try {
    // Before it is released: whoever truncates the log then changes the checkpoint after us.
    if (!aborted) update_checkpoint(log.parent_dir(), partition, end_offset);
  } catch (const KafkaStorageException& e) {
    failure = e;
  }
  {
    Lock lock(mutex_);
    release(partition);
  }
  if (failure) throw *failure;
}

std::vector<std::shared_ptr<Log>> LogCleanerManager::deletable_logs() {
  Lock lock(mutex_);
  std::vector<std::shared_ptr<Log>> logs = sources_.logs();
  std::erase_if(logs, [&](const auto& log) KS_REQUIRES(mutex_) {
    return !log->config()->compact || in_progress_.contains(log->topic_partition()) ||
           is_uncleanable(*log);
  });
  for (const auto& log : logs) in_progress_[log->topic_partition()] = {};
  return logs;
}

void LogCleanerManager::done_deleting(const std::vector<std::shared_ptr<Log>>& logs) {
  Lock lock(mutex_);
  for (const auto& log : logs) release(log->topic_partition());
}

std::vector<std::shared_ptr<Log>> LogCleanerManager::pause_cleaning_for_non_compacted_partitions() {
  Lock lock(mutex_);
  std::vector<std::shared_ptr<Log>> logs = sources_.logs();
  std::erase_if(logs, [&](const auto& log) KS_REQUIRES(mutex_) {
    return log->config()->compact || in_progress_.contains(log->topic_partition());
  });
  for (const auto& log : logs) in_progress_[log->topic_partition()] = {State::kPaused, 1};
  return logs;
}

void LogCleanerManager::abort_cleaning(const TopicPartition& partition) {
  abort_and_pause_cleaning(partition);
  resume_cleaning(partition);
}

void LogCleanerManager::abort_and_pause_cleaning(const TopicPartition& partition) {
  Lock lock(mutex_);
  // Somebody else may wait for the same cleaning to end.
  paused_.wait(lock, [&]() KS_REQUIRES(mutex_) {
    const auto at = in_progress_.find(partition);
    return at == in_progress_.end() || at->second.kind != State::kAborted;
  });
  const auto [at, is_new] = in_progress_.try_emplace(partition, State{State::kPaused, 1});
  if (is_new) return;
  if (at->second.kind == State::kPaused) {
    ++at->second.pauses;
    return;
  }
  at->second.kind = State::kAborted;
  paused_.wait(lock, [&]() KS_REQUIRES(mutex_) {
    return in_progress_.at(partition).kind == State::kPaused;
  });
}

void LogCleanerManager::resume_cleaning(const TopicPartition& partition) {
  Lock lock(mutex_);
  const auto at = in_progress_.find(partition);
  KS_CHECK(at != in_progress_.end() && at->second.kind == State::kPaused,
           partition.to_string() + " is not paused");
  if (--at->second.pauses == 0) in_progress_.erase(at);
}

void LogCleanerManager::check_cleaning_aborted(const TopicPartition& partition) const {
  Lock lock(mutex_);
  const auto at = in_progress_.find(partition);
  if (at != in_progress_.end() && at->second.kind == State::kAborted)
    throw LogCleaningAbortedException("cleaning of " + partition.to_string() + " was aborted");
}

PartitionOffsets LogCleanerManager::read_checkpoint(const std::string& log_dir) const {
  try {
    return OffsetCheckpointFile(node_.files(), log_dir, kCleanerOffsetCheckpoint).read();
  } catch (const KafkaStorageException& e) {
    KS_LOG(kWarn, node_.name(), "{}: taken as empty", e.what());
    return {};
  }
}

PartitionOffsets LogCleanerManager::all_cleaner_checkpoints() const {
  Lock lock(checkpoint_mutex_);
  PartitionOffsets all;
  for (const std::string& dir : sources_.live_log_dirs()) all.merge(read_checkpoint(dir));
  return all;
}

void LogCleanerManager::change_checkpoint(const std::string& log_dir,
                                          const std::function<void(PartitionOffsets&)>& change) {
  Lock lock(checkpoint_mutex_);
  const PartitionOffsets before = read_checkpoint(log_dir);
  PartitionOffsets after = before;
  change(after);
  if (after == before) return;
  OffsetCheckpointFile(node_.files(), log_dir, kCleanerOffsetCheckpoint).write(after);
}

void LogCleanerManager::update_checkpoint(const std::string& log_dir,
                                          const TopicPartition& partition, Offset offset) {
  change_checkpoint(log_dir, [&](PartitionOffsets& all) { all[partition] = offset; });
}

void LogCleanerManager::remove_checkpoint(const std::string& log_dir,
                                          const TopicPartition& partition) {
  change_checkpoint(log_dir, [&](PartitionOffsets& all) { all.erase(partition); });
}

void LogCleanerManager::alter_checkpoint_dir(const TopicPartition& partition,
                                             const std::string& from, const std::string& to) {
  const PartitionOffsets all = all_cleaner_checkpoints();
  const auto known = all.find(partition);
  if (known == all.end()) return;
  update_checkpoint(to, partition, known->second);
  remove_checkpoint(from, partition);
}

void LogCleanerManager::maybe_truncate_checkpoint(const std::string& log_dir,
                                                  const TopicPartition& partition, Offset offset) {
  change_checkpoint(log_dir, [&](PartitionOffsets& all) {
    const auto known = all.find(partition);
    if (known != all.end()) known->second = std::min(known->second, offset);
  });
}

void LogCleanerManager::mark_partition_uncleanable(const std::string& log_dir,
                                                   const TopicPartition& partition) {
  Lock lock(mutex_);
  uncleanable_[log_dir].insert(partition);
}

void LogCleanerManager::maintain_uncleanable_partitions() {
  Lock lock(mutex_);
  std::set<TopicPartition> there;
  for (const auto& log : sources_.logs()) there.insert(log->topic_partition());
  for (auto& [dir, partitions] : uncleanable_)
    std::erase_if(partitions, [&](const TopicPartition& p) { return !there.contains(p); });
}

void LogCleanerManager::handle_log_dir_failure(const std::string& log_dir) {
  Lock lock(mutex_);
  uncleanable_.erase(log_dir);
}

double LogCleanerManager::max_dirty_percent() const {
  Lock lock(mutex_);
  return 100 * dirtiest_ratio_;
}

double LogCleanerManager::time_since_last_run_ms() const {
  Lock lock(mutex_);
  return static_cast<double>(node_.clock().wall_ms() - last_run_ms_);
}

double LogCleanerManager::uncleanable_partitions_count(const std::string& log_dir) const {
  Lock lock(mutex_);
  const auto at = uncleanable_.find(log_dir);
  return at == uncleanable_.end() ? 0 : static_cast<double>(at->second.size());
}

double LogCleanerManager::uncleanable_bytes(const std::string& log_dir) const {
  Lock lock(mutex_);
  int64_t bytes = 0;
  const PartitionOffsets checkpoints = all_cleaner_checkpoints();
  for (const auto& log : sources_.logs()) {
    if (log->parent_dir() != log_dir || !is_uncleanable(*log)) continue;
    const auto known = checkpoints.find(log->topic_partition());
    const Offset clean = known == checkpoints.end() ? log->log_start_offset() : known->second;
    OffsetsToClean offsets;
    offsets.first_dirty_offset = clean;
    offsets.first_uncleanable_dirty_offset = log->active_base_offset();
    bytes += LogToClean(log, offsets, false).cleanable_bytes;
  }
  return static_cast<double>(bytes);
}

std::string LogCleanerManager::state_of(const TopicPartition& partition) const {
  Lock lock(mutex_);
  const auto at = in_progress_.find(partition);
  if (at == in_progress_.end()) return {};
  switch (at->second.kind) {
    case State::kInProgress:
      return "LogCleaningInProgress";
    case State::kAborted:
      return "LogCleaningAborted";
    case State::kPaused:
      break;
  }
  return "LogCleaningPaused(" + std::to_string(at->second.pauses) + ")";
}

}  // namespace kafkascope

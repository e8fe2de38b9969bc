// LogManager's periodic work: retention, flush, checkpoints, deletions.
#include "common/logging.h"
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_dir.h"
#include "log/log_segment.h"

namespace kafkascope {

int LogManager::cleanup_logs() {
  int deleted = 0;
  std::vector<std::shared_ptr<Log>> logs;
  if (cleaner_) {
    logs = cleaner_->manager().pause_cleaning_for_non_compacted_partitions();
  } else {
    logs = all_logs();
    std::erase_if(logs, [](const auto& log) { return log->config()->compact; });
  }
  for_each_live_dir([&](LogDir& dir) {
    for (const auto& log : logs) {
      if (log->parent_dir() == dir.path) deleted += log->delete_old_segments();
    }
  });
  if (!cleaner_) return deleted;
  for (const auto& log : logs) cleaner_->manager().resume_cleaning(log->topic_partition());
  return deleted;
}

void LogManager::flush_dirty_logs() {
  for_each_live_dir([&](LogDir& dir) {
    for (const auto& log : logs_in_dir(dir.path)) {
      if (log->needs_flush()) log->flush();
    }
  });
}

void LogManager::flush_rolled_logs() {
  for_each_live_dir([&](LogDir& dir) {
    for (const auto& log : logs_in_dir(dir.path)) log->flush_rolled();
  });
}

template <typename OffsetOf>
void LogManager::write_checkpoint(const char* file, OffsetOf offset_of) {
  Lock checkpoint(checkpoint_mutex_);
  for_each_live_dir([&](LogDir& dir) {
    PartitionOffsets offsets;
    for (const auto& log : logs_in_dir(dir.path)) {
      if (const auto offset = offset_of(*log)) offsets[log->topic_partition()] = *offset;
    }
    OffsetCheckpointFile(node_.files(), dir.path, file).write(offsets);
  });
}

void LogManager::checkpoint_log_recovery_offsets() {
  write_checkpoint(kRecoveryPointCheckpoint,
                   [](const Log& log) { return std::optional(log.recovery_point()); });
}

void LogManager::checkpoint_log_start_offsets() {
  write_checkpoint(kLogStartOffsetCheckpoint, [](const Log& log) -> std::optional<Offset> {
    // The first segment's name says as much where no record was deleted on its own.
    const Offset start = log.log_start_offset();
    const auto segments = log.segments();
    return start > segments.front()->base_offset() ? std::optional(start) : std::nullopt;
  });
}

void LogManager::checkpoint_high_watermarks() {
  write_checkpoint(kReplicationOffsetCheckpoint,
                   [](const Log& log) { return std::optional(log.high_watermark()); });
}

std::map<TopicPartition, Offset> LogManager::read_high_watermarks() const {
  std::map<TopicPartition, Offset> all;
  for (const std::string& dir : live_log_dirs()) {
    all.merge(read_or_reset(dir, kReplicationOffsetCheckpoint));
  }
  return all;
}

void LogManager::delete_logs() {
  const int64_t now = node_.clock().wall_ms();
  std::vector<DeletedLog> due;
  {
    Lock lock(mutex_);
    std::erase_if(deleted_, [&](DeletedLog& log) {
      if (log.due_ms > now) return false;
      due.push_back(std::move(log));
      return true;
    });
  }
  for_each_live_dir([&](LogDir& dir) {
    for (const auto& log : logs_in_dir(dir.path)) log->delete_expired_files();
    for (const DeletedLog& deleted : due) {
      if (parent_path(deleted.path) != dir.path) continue;
      if (deleted.log) {
        deleted.log->remove();
      } else {
        remove_all(node_.files(), deleted.path);
      }
      KS_LOG(kInfo, node_.name(), "removed {}", deleted.path);
    }
  });
}

void LogManager::remove_expired_producers() {
  for (const auto& log : all_logs()) log->remove_expired_producers();
}

}  // namespace kafkascope

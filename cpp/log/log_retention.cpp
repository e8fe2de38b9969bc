// Log's segments: rolled, truncated, and deleted when their time has come.
#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_file_names.h"
#include "log/log_guard.h"
#include "log/log_loader.h"
#include "log/producer_state_manager.h"
#include "runtime/trace.h"

namespace kafkascope {

int64_t Log::next_jitter() {
  const auto config = this->config();
  const int64_t most = std::min(config->segment_jitter_ms, config->segment_ms);
  return most <= 0 ? 0 : static_cast<int64_t>(jitter_.below(static_cast<uint64_t>(most)));
}

std::shared_ptr<LogSegment> Log::maybe_roll(const LogAppendInfo& info, size_t size) {
  auto active = segments_->active();
  const auto config = this->config();
  const RollParams params{config->segment_ms, config->segment_size,       info.max_timestamp,
                          info.last_offset,   static_cast<int32_t>(size), node_.clock().wall_ms()};
  return active->should_roll(params) ? roll_locked(info.first_offset) : active;
}

void Log::roll(std::optional<Offset> expected_next_offset) {
  Lock lock(mutex_);
  check_open();
  guard_io([&]() KS_REQUIRES(mutex_) { roll_locked(expected_next_offset.value_or(0)); });
}

std::shared_ptr<LogSegment> Log::roll_locked(Offset expected_next_offset) {
  const Offset base = std::max(expected_next_offset, log_end_offset());
  const auto active = segments_->active();
  if (active->base_offset() == base) {
    // Nothing in it yet: a time index can be full without a record.
    KS_CHECK(active->size() == 0, "a segment with records is not replaced");
    segments_->remove(base);
    active->delete_files();
  } else {
    active->on_become_inactive();
    rolled_unflushed_from_ = std::min(rolled_unflushed_from_.load(), active->base_offset());
    // A hole of lost records could not be told from one that compaction made.
    if (config()->compact) flush_locked(base);
    producers_->update_map_end_offset(base);
    producers_->take_snapshot();
  }
  add_segment(base);
  // Its name is durable before its records may be: a hole in the log could not be told otherwise.
  node_.files().sync_dir(dir());
  const auto rolled = segments_->active();
  set_log_end({log_end_offset(), rolled->base_offset(), rolled->size()});
  KS_TRACE(node_, "SegmentRolled", {"partition", topic_partition_.to_string()},
           {"base_offset", base});
  return rolled;
}

void Log::add_segment(Offset base_offset) {
  segments_->add(
      std::make_shared<LogSegment>(node_, dir(), base_offset, *config(), next_jitter(), true));
}

void Log::reload_producers(Offset end) {
  producers_->truncate_and_reload(log_start_offset(), end, node_.clock().wall_ms());
  replay_into(*producers_, *segments_, producers_->map_end_offset(), end);
  producers_->on_high_watermark_updated(high_watermark());
  update_first_unstable_offset();
}

bool Log::truncate_to(Offset offset) {
  if (offset < 0) {
    throw KafkaException(ErrorCode::kOffsetOutOfRange,
                         fmt::format("{}: truncation to {}", topic_partition_.to_string(), offset));
  }
  if (offset >= log_end_offset()) {
    // An epoch may have begun at the end, on a leader that wrote nothing in it: nobody else has it.
    epochs_->truncate_from_end(offset);
    return false;
  }
  bool below_all = false;
  {
    Lock lock(mutex_);
    check_open();
    ++truncations_;
    below_all = segments_->snapshot()->begin()->first > offset;
    if (!below_all) {
      guard_io([&]() KS_REQUIRES(mutex_) {
        std::vector<std::shared_ptr<LogSegment>> gone;
        for (const auto& segment : segments_->all()) {
          if (segment->base_offset() > offset) gone.push_back(segment);
        }
        // From the end, so that a crash in between leaves a log without holes.
        std::reverse(gone.begin(), gone.end());
        remove_segments(gone, "truncation");
        const auto active = segments_->active();
        active->truncate_to(offset);
        // Durable before the epochs are forgotten: a crash must not bring records back without
        // them.
        active->flush();
        epochs_->truncate_from_end(offset);
        // Below the offset where a batch held it: a fetch from there gets that batch again, whole.
        const Offset end = std::min(offset, active->read_next_offset());
        log_start_offset_ = std::min(log_start_offset(), end);
        set_log_end({end, active->base_offset(), active->size()});
        reload_producers(end);
      });
    }
  }
  if (below_all) {
    truncate_fully_and_start_at(offset);
  } else {
    KS_TRACE(node_, "LogTruncated", {"partition", topic_partition_.to_string()},
             {"offset", offset});
  }
  return true;
}

void Log::truncate_fully_and_start_at(Offset offset) {
  Lock lock(mutex_);
  check_open();
  ++truncations_;
  guard_io([&]() KS_REQUIRES(mutex_) {
    auto gone = segments_->all();
    std::reverse(gone.begin(), gone.end());
    remove_segments(gone, "truncation");
    producers_->truncate_fully_and_start_at(offset);
    epochs_->clear_and_flush();
    add_segment(offset);
    node_.files().sync_dir(dir());
    log_start_offset_ = offset;
    recovery_point_ = std::min(recovery_point(), offset);
    set_log_end({offset, offset, 0});
    set_high_watermark({offset, offset, 0});
    update_first_unstable_offset();
  });
  KS_TRACE(node_, "LogTruncated", {"partition", topic_partition_.to_string()}, {"offset", offset});
}

void Log::remove_segments(const std::vector<std::shared_ptr<LogSegment>>& segments,
                          const char* reason) {
  for (const auto& segment : segments) {
    segments_->remove(segment->base_offset());
    delete_later(segment->change_file_suffixes({}, kDeletedSuffix));
    // One after the other: a crash that kept the later renames only would leave a hole.
    node_.files().sync_dir(dir());
    KS_TRACE(node_, "SegmentDeleted", {"partition", topic_partition_.to_string()},
             {"base_offset", segment->base_offset()}, {"reason", std::string(reason)});
  }
}

void Log::delete_later(std::vector<std::string> paths) {
  const int64_t due_ms = node_.clock().wall_ms() + config()->file_delete_delay_ms;
  pending_deletes_.push_back({std::move(paths), due_ms});
}

void Log::delete_expired_files() {
  Lock lock(mutex_);
  const int64_t now = node_.clock().wall_ms();
  guard_io([&]() KS_REQUIRES(mutex_) {
    std::erase_if(pending_deletes_, [&](const PendingDelete& pending) {
      if (pending.due_ms > now) return false;
      for (const std::string& path : pending.paths) node_.files().remove(path);
      return true;
    });
  });
}

int Log::delete_segments_while(const char* reason, const DueForDeletion& due) {
  const auto all = segments_->all();
  std::vector<std::shared_ptr<LogSegment>> gone;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool last = i + 1 == all.size();
    const Offset next_base = last ? log_end_offset() : all[i + 1]->base_offset();
    // Only what every consumer may have read goes, and an empty last segment stays.
    if (high_watermark() < next_base || (last && all[i]->size() == 0)) break;
    if (!due(*all[i], next_base)) break;
    gone.push_back(all[i]);
  }
  if (gone.empty()) return 0;
  if (gone.size() == all.size()) roll_locked(log_end_offset());
  const Offset start = std::max(
      log_start_offset(), segments_->snapshot()->upper_bound(gone.back()->base_offset())->first);
  remove_segments(gone, reason);
  producers_->delete_snapshots_before(start);
  if (start > log_start_offset()) set_log_start(start);
  return static_cast<int>(gone.size());
}

int Log::delete_old_segments() {
  Lock lock(mutex_);
  if (closed_) return 0;
  const auto config = this->config();
  return guard_io([&]() KS_REQUIRES(mutex_) {
    int deleted = delete_segments_while("log start offset", [&](const LogSegment&, Offset next) {
      return next <= log_start_offset();
    });
    if (!config->delete_old) return deleted;
    if (config->retention_ms >= 0) {
      const int64_t now = node_.clock().wall_ms();
      deleted += delete_segments_while("retention.ms", [&](const LogSegment& segment, Offset) {
        return now - segment.largest_timestamp() > config->retention_ms;
      });
    }
    if (config->retention_size >= 0) {
      int64_t excess = size() - config->retention_size;
      deleted += delete_segments_while("retention.bytes", [&](const LogSegment& segment, Offset) {
        excess -= segment.size();
        return excess >= 0;
      });
    }
    return deleted;
  });
}

}  // namespace kafkascope

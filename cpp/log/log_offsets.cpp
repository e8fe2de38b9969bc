// Log's offsets: log start <= last stable <= high watermark <= log end.
#include <fmt/core.h>

#include <algorithm>

#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_guard.h"
#include "log/log_segments.h"
#include "log/producer_state_manager.h"
#include "runtime/trace.h"

namespace kafkascope {

LogOffsetSnapshot Log::offset_snapshot() const {
  Lock lock(offsets_mutex_);
  LogOffsetSnapshot offsets{log_start_offset(), end_, high_watermark_, high_watermark_};
  if (first_unstable_ && first_unstable_->message_offset < high_watermark_.message_offset) {
    offsets.last_stable_offset = *first_unstable_;
  }
  // The log start may have passed both, by DeleteRecords or on a follower.
  if (offsets.last_stable_offset.message_offset < offsets.log_start_offset) {
    offsets.last_stable_offset = LogOffsetMetadata{offsets.log_start_offset};
  }
  return offsets;
}

void Log::set_log_end(const LogOffsetMetadata& end) {
  {
    Lock lock(offsets_mutex_);
    end_ = end;
  }
  log_end_offset_.store(end.message_offset, std::memory_order_release);
  if (high_watermark() > end.message_offset) set_high_watermark(end);
  if (recovery_point() > end.message_offset) recovery_point_ = end.message_offset;
}

void Log::set_high_watermark(LogOffsetMetadata next) {
  {
    Lock lock(offsets_mutex_);
    if (next == high_watermark_) return;
    high_watermark_ = next;
  }
  producers_->on_high_watermark_updated(next.message_offset);
  update_first_unstable_offset();
  KS_TRACE(node_, "HighWatermarkUpdated", {"partition", topic_partition_.to_string()},
           {"offset", next.message_offset});
}

void Log::update_first_unstable_offset() {
  std::optional<LogOffsetMetadata> first = producers_->first_unstable_offset();
  if (first && (first->message_offset_only() || first->message_offset < log_start_offset())) {
    first = locate(std::max(first->message_offset, log_start_offset()));
  }
  Lock lock(offsets_mutex_);
  first_unstable_ = first;
}

LogOffsetMetadata Log::locate(Offset offset) const {
  const LogOffsetMetadata end = log_end_offset_metadata();
  if (offset >= end.message_offset) return end;
  const auto segment = segments_->floor(offset);
  if (!segment) return LogOffsetMetadata{offset};
  const auto at = segment->translate_offset(offset);
  // Past the last batch of a compacted segment: where the segment ends is near enough.
  return {offset, segment->base_offset(), at ? at->position : segment->size()};
}

Result<LogOffsetMetadata> Log::convert_to_offset_metadata(Offset offset) {
  if (offset < log_start_offset() || offset > log_end_offset()) {
    return {ErrorCode::kOffsetOutOfRange,
            fmt::format("{}: offset {} is outside of {} to {}", topic_partition_.to_string(),
                        offset, log_start_offset(), log_end_offset())};
  }
  return guard_io([&] { return locate(offset); });
}

Offset Log::update_high_watermark(Offset high_watermark) {
  Lock lock(mutex_);
  const Offset clamped = std::clamp(high_watermark, log_start_offset(), log_end_offset());
  guard_io([&]() KS_REQUIRES(mutex_) { set_high_watermark(locate(clamped)); });
  return clamped;
}

std::optional<LogOffsetMetadata> Log::maybe_increment_high_watermark(
    const LogOffsetMetadata& next) {
  Lock lock(mutex_);
  if (next.message_offset > log_end_offset()) {
    throw KafkaException(
        ErrorCode::kUnknownServerError,
        fmt::format("{}: high watermark {} above the log end {}", topic_partition_.to_string(),
                    next.message_offset, log_end_offset()));
  }
  const LogOffsetMetadata old = offset_snapshot().high_watermark;
  // On a newer segment it also says where it lies.
  const bool raises = old.message_offset < next.message_offset ||
                      (old.message_offset == next.message_offset && old.on_older_segment(next));
  if (!raises) return std::nullopt;
  guard_io([&]() KS_REQUIRES(mutex_) {
    set_high_watermark(next.message_offset_only() ? locate(next.message_offset) : next);
  });
  return old;
}

void Log::set_log_start(Offset offset) {
  log_start_offset_.store(offset, std::memory_order_release);
  if (log_end_offset() < offset) set_log_end(LogOffsetMetadata{offset});
  if (high_watermark() < offset) set_high_watermark(locate(offset));
  if (recovery_point() < offset) recovery_point_ = offset;
  epochs_->truncate_from_start(offset);
  producers_->on_log_start_offset_incremented(offset);
  update_first_unstable_offset();
}

bool Log::maybe_increment_log_start_offset(Offset offset, const char* reason) {
  Lock lock(mutex_);
  check_open();
  if (offset > high_watermark()) {
    throw KafkaException(ErrorCode::kOffsetOutOfRange,
                         fmt::format("{}: cannot delete up to {}, which is above the high "
                                     "watermark {}",
                                     topic_partition_.to_string(), offset, high_watermark()));
  }
  if (offset <= log_start_offset()) return false;
  guard_io([&]() KS_REQUIRES(mutex_) { set_log_start(offset); });
  KS_TRACE(node_, "LogStartOffsetIncremented", {"partition", topic_partition_.to_string()},
           {"offset", offset}, {"reason", std::string(reason)});
  return true;
}

Result<Offset> Log::delete_records(Offset before) {
  const Offset high_watermark = this->high_watermark();
  const Offset target = before == -1 ? high_watermark : before;
  if (target < 0 || target > high_watermark) {
    return {ErrorCode::kOffsetOutOfRange,
            fmt::format("{}: records before {} cannot be deleted: the high watermark is {}",
                        topic_partition_.to_string(), target, high_watermark)};
  }
  maybe_increment_log_start_offset(target, "records were deleted");
  return log_start_offset();
}

}  // namespace kafkascope

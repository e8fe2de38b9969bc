#include "log/cleaner/log_to_clean.h"

#include <algorithm>

#include "common/logging.h"
#include "log/log_segment.h"

namespace kafkascope {
namespace {

/// Segments that may hold offsets from there on, without the active one.
std::vector<std::shared_ptr<const LogSegment>> non_active_segments_from(const Log& log,
                                                                        Offset from) {
  const Offset active = log.active_base_offset();
  if (from > active) return {};
  return log.segments_between(from, active);
}

int64_t bytes_between(const Log& log, Offset from, Offset to) {
  int64_t bytes = 0;
  for (const auto& segment : log.segments_between(from, to)) bytes += segment->size();
  return bytes;
}

}  // namespace

OffsetsToClean cleanable_offsets(const Log& log, std::optional<Offset> last_clean_offset,
                                 TimestampMs now) {
  OffsetsToClean offsets;
  const auto config = log.config();
  const Offset start = log.log_start_offset();
  offsets.first_dirty_offset = last_clean_offset.value_or(start);
  if (offsets.first_dirty_offset < start || offsets.first_dirty_offset > log.log_end_offset()) {
    // With "delete" too, the log start moves as it should.
    if (!config->delete_old || offsets.first_dirty_offset > start) {
      KS_LOG(kWarn, "log-cleaner", "{}: the checkpoint {} is outside of the log: {} to {}",
             log.topic_partition().to_string(), offsets.first_dirty_offset, start,
             log.log_end_offset());
    }
    offsets.first_dirty_offset = start;
    offsets.force_update_checkpoint = true;
  }
  Offset end = std::min(log.last_stable_offset(), log.active_base_offset());
  if (config->compaction_lag_ms > 0) {
    for (const auto& segment : non_active_segments_from(log, offsets.first_dirty_offset)) {
      if (segment->largest_timestamp() <= now - config->compaction_lag_ms) continue;
      end = std::min(end, segment->base_offset());
      break;
    }
  }
  offsets.first_uncleanable_dirty_offset = std::max(offsets.first_dirty_offset, end);
  return offsets;
}

int64_t max_compaction_delay(const Log& log, Offset first_dirty_offset, TimestampMs now) {
  const TimestampMs due = now - std::min(log.config()->max_compaction_lag_ms, now);
  if (due <= 0) return 0;
  TimestampMs earliest = INT64_MAX;
  for (const auto& segment : non_active_segments_from(log, first_dirty_offset)) {
    const TimestampMs first = segment->first_batch_timestamp();
    if (first > 0) earliest = std::min(earliest, first);
  }
  return earliest < due ? due - earliest : 0;
}

LogToClean::LogToClean(std::shared_ptr<Log> which, const OffsetsToClean& offsets, bool now)
    : log(std::move(which)),
      first_dirty_offset(offsets.first_dirty_offset),
      need_compaction_now(now) {
  // Cleaning ends between two segments.
  const auto rest = non_active_segments_from(*log, offsets.first_uncleanable_dirty_offset);
  first_uncleanable_offset = rest.empty() ? log->active_base_offset() : rest.front()->base_offset();
  clean_bytes = bytes_between(*log, 0, first_dirty_offset);
  cleanable_bytes = bytes_between(*log, std::min(first_dirty_offset, first_uncleanable_offset),
                                  first_uncleanable_offset);
}

bool LogToClean::is_cleanable() const {
  return (need_compaction_now && cleanable_bytes > 0) ||
         cleanable_ratio() > log->config()->min_cleanable_ratio;
}

}  // namespace kafkascope

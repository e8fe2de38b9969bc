// Log's reads: by offset and by timestamp.
#include <fmt/core.h>

#include <algorithm>

#include "log/epoch/leader_epoch_file_cache.h"
#include "log/log_guard.h"
#include "log/log_segments.h"

namespace kafkascope {
namespace {

constexpr TimestampMs kLatest = -1;
constexpr TimestampMs kEarliest = -2;
constexpr TimestampMs kMaxTimestamp = -3;

/// How far a read of the segment may go: to its end, or to where the limit lies in it.
SegmentPosition limit_in(const LogSegment& segment, const LogOffsetMetadata& limit) {
  if (limit.segment_base_offset > segment.base_offset()) return segment.size();
  if (limit.segment_base_offset < segment.base_offset()) return 0;
  return std::min(limit.relative_position_in_segment, segment.size());
}

void collect_aborted(const LogSegments::Map& segments, LogSegments::Map::const_iterator from,
                     FetchDataInfo& info, Offset upper_bound) {
  auto& aborted = info.aborted_transactions.emplace();
  const Offset fetch_offset = info.fetch_offset_metadata.message_offset;
  for (auto at = from; at != segments.end(); ++at) {
    if (!at->second->txn_index().collect_aborted(fetch_offset, upper_bound, aborted)) return;
  }
}

/// An offset that no record of the range reaches: from the index, or the next segment's base.
Offset end_of(const LogSegment& segment, const FetchDataInfo& info, Offset next_base) {
  const SegmentPosition end = info.fetch_offset_metadata.relative_position_in_segment +
                              static_cast<SegmentPosition>(info.records.size());
  return segment.offset_index().upper_bound_of_position(end).value_or(next_base);
}

}  // namespace

Result<FetchDataInfo> Log::read(Offset start_offset, int32_t max_length, FetchIsolation isolation,
                                bool min_one_message) {
  const LogOffsetSnapshot offsets = offset_snapshot();
  const Offset end = offsets.log_end_offset.message_offset;
  if (start_offset < offsets.log_start_offset || start_offset > end) {
    return {ErrorCode::kOffsetOutOfRange,
            fmt::format("{}: offset {} is outside of {} to {}", topic_partition_.to_string(),
                        start_offset, offsets.log_start_offset, end)};
  }
  LogOffsetMetadata limit = isolation == FetchIsolation::kLogEnd ? offsets.log_end_offset
                            : isolation == FetchIsolation::kHighWatermark
                                ? offsets.high_watermark
                                : offsets.last_stable_offset;
  return guard_io([&]() -> Result<FetchDataInfo> {
    FetchDataInfo nothing;
    nothing.fetch_offset_metadata = LogOffsetMetadata{start_offset};
    if (isolation == FetchIsolation::kTxnCommitted) nothing.aborted_transactions.emplace();
    if (start_offset >= limit.message_offset) {
      if (start_offset == limit.message_offset) nothing.fetch_offset_metadata = limit;
      return nothing;
    }
    if (limit.message_offset_only()) limit = locate(limit.message_offset);
    const auto segments = segments_->snapshot();
    auto at = segments->upper_bound(start_offset);
    if (at != segments->begin()) --at;
    for (; at != segments->end(); ++at) {
      const LogSegment& segment = *at->second;
      auto info = segment.read(start_offset, max_length, limit_in(segment, limit), min_one_message);
      if (!info) continue;  // compaction removed the end of this one
      if (isolation == FetchIsolation::kTxnCommitted) {
        const Offset next_base =
            std::next(at) == segments->end() ? end : std::next(at)->second->base_offset();
        collect_aborted(*segments, at, *info, end_of(segment, *info, next_base));
      }
      return *std::move(info);
    }
    nothing.fetch_offset_metadata = offsets.log_end_offset;
    return nothing;
  });
}

std::optional<TimestampAndOffset> Log::fetch_offset_by_timestamp(TimestampMs timestamp) {
  const auto epoch_at = [&](Offset offset) {
    return epochs_->epoch_for_offset(offset).value_or(kNoLeaderEpoch);
  };
  if (timestamp == kEarliest) {
    const Offset start = log_start_offset();
    return TimestampAndOffset{kNoTimestamp, start, epoch_at(start)};
  }
  if (timestamp == kLatest) {
    return TimestampAndOffset{kNoTimestamp, log_end_offset(),
                              latest_epoch().value_or(kNoLeaderEpoch)};
  }
  if (config()->message_format == 0) {
    throw KafkaException(ErrorCode::kUnsupportedForMessageFormat,
                         topic_partition_.to_string() + ": format 0 has no timestamps");
  }
  return guard_io([&]() -> std::optional<TimestampAndOffset> {
    const auto segments = segments_->all();
    if (timestamp == kMaxTimestamp) {
      const LogSegment* latest = nullptr;
      for (const auto& segment : segments) {
        const bool later =
            latest == nullptr || segment->max_timestamp_so_far() > latest->max_timestamp_so_far();
        if (later) latest = segment.get();
      }
      if (latest == nullptr || latest->max_timestamp_so_far() < 0) return std::nullopt;
      return latest->find_offset_by_timestamp(latest->max_timestamp_so_far(), log_start_offset());
    }
    for (const auto& segment : segments) {
      if (segment->max_timestamp_so_far() < timestamp) continue;
      const auto found = segment->find_offset_by_timestamp(timestamp, log_start_offset());
      if (found) return found;
    }
    return std::nullopt;
  });
}

}  // namespace kafkascope

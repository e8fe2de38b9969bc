// LogOffsetMetadata: an offset together with where it lies in the log's files.
#pragma once

#include "common/types.h"

namespace kafkascope {

/// Kafka's LogOffsetMetadata. Segment and position are -1 where only the offset is known (it came
/// from another broker or from a checkpoint).
struct LogOffsetMetadata {
  Offset message_offset = kNoOffset;
  Offset segment_base_offset = kNoOffset;
  SegmentPosition relative_position_in_segment = -1;

  auto operator<=>(const LogOffsetMetadata&) const = default;
  bool message_offset_only() const { return segment_base_offset == kNoOffset; }
  bool on_older_segment(const LogOffsetMetadata& that) const {
    return !message_offset_only() && !that.message_offset_only() &&
           segment_base_offset < that.segment_base_offset;
  }
  bool on_same_segment(const LogOffsetMetadata& that) const {
    return !message_offset_only() && segment_base_offset == that.segment_base_offset;
  }
  /// Bytes from that to this: both must be on the same segment.
  int32_t position_diff(const LogOffsetMetadata& that) const {
    return relative_position_in_segment - that.relative_position_in_segment;
  }
};

/// The offsets of one log at one moment (Kafka's LogOffsetSnapshot).
struct LogOffsetSnapshot {
  Offset log_start_offset = 0;
  LogOffsetMetadata log_end_offset;
  LogOffsetMetadata high_watermark;
  LogOffsetMetadata last_stable_offset;
};

}  // namespace kafkascope

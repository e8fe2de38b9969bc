// LogDescription: a log as plain facts, for pictures and inspection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "log/epoch/epoch_entry.h"
#include "log/log_offset_metadata.h"
#include "log/offset_index.h"
#include "log/time_index.h"
#include "record/compression_type.h"

namespace kafkascope {

/// What a batch's header says.
struct BatchDescription {
  SegmentPosition position = 0;
  int32_t size_bytes = 0;
  int8_t magic = 0;
  Offset base_offset = 0;
  Offset last_offset = 0;
  TimestampMs max_timestamp = kNoTimestamp;
  CompressionType compression = CompressionType::kNone;
  bool is_transactional = false;
  bool is_control = false;
};

struct SegmentDescription {
  std::string path;
  Offset base_offset = 0;
  Offset next_offset = 0;  // of the segment after it, or the log end
  int32_t size_bytes = 0;
  TimestampMs largest_timestamp = kNoTimestamp;
  bool active = false;
  std::vector<OffsetPosition> offset_index;
  std::vector<TimestampOffset> time_index;
  int aborted_transactions = 0;
  std::vector<BatchDescription> batches;  // see log_reader.h
  std::string problem;                    // why the batches end before the file does
};

/// Offsets that nobody knows are kNoOffset.
struct LogDescription {
  TopicPartition partition;
  std::string dir;
  Offset log_start_offset = 0;
  Offset last_stable_offset = 0;
  Offset high_watermark = 0;
  Offset log_end_offset = 0;
  Offset recovery_point = 0;
  int64_t size_bytes = 0;
  int active_producers = 0;
  std::vector<SegmentDescription> segments;
  std::vector<EpochEntry> leader_epochs;
};

}  // namespace kafkascope

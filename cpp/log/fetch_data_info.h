// FetchDataInfo: what a read of a log gives.
#pragma once

#include <optional>
#include <vector>

#include "common/external_bytes.h"
#include "log/log_offset_metadata.h"

namespace kafkascope {

/// How far a fetch may read: followers to the log's end, consumers to the high watermark, those
/// with isolation.level=read_committed to the last stable offset.
enum class FetchIsolation { kLogEnd, kHighWatermark, kTxnCommitted };

/// As a fetch response lists it: the consumer skips this producer's records from first_offset on
/// until the abort marker.
struct AbortedTransaction {
  ProducerId producer_id = kNoProducerId;
  Offset first_offset = 0;

  auto operator<=>(const AbortedTransaction&) const = default;
};

struct FetchDataInfo {
  LogOffsetMetadata fetch_offset_metadata;
  /// A range of the segment file (FileSlice): nothing was read. It starts with the batch that holds
  /// the asked offset, and may end in the middle of one.
  Payload records;
  /// The first batch is larger than the limit and was cut off (min_one_message was false).
  bool first_entry_incomplete = false;
  /// With kTxnCommitted only.
  std::optional<std::vector<AbortedTransaction>> aborted_transactions;
};

/// The answer of ListOffsets.
struct TimestampAndOffset {
  TimestampMs timestamp = kNoTimestamp;
  Offset offset = kNoOffset;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;

  auto operator<=>(const TimestampAndOffset&) const = default;
};

}  // namespace kafkascope

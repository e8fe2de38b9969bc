// ConsumerRecord and ConsumerRecords: what poll() returns, without a copy of any record's bytes.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "common/bytes.h"
#include "common/types.h"
#include "record/record_view.h"

namespace kafkascope {

/// A header as it was received; views into the batch.
using ConsumerHeader = HeaderView;

/// One record. Its views live as long as the ConsumerRecords (or a copy of its owner) that it came
/// in.
struct ConsumerRecord {
  Offset offset = 0;
  TimestampMs timestamp = kNoTimestamp;
  bool log_append_time = false;  // the timestamp is the broker's
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  int32_t header_count = 0;
  HeadersView headers;

  std::vector<ConsumerHeader> parse_headers() const;
};

/// Records of one partition, in offset order.
struct PartitionRecords {
  TopicPartition topic_partition;
  std::vector<ConsumerRecord> records;
  std::vector<SharedSlice>
      owners;              // the frames and decompressed batches that the records point into
  Offset next_offset = 0;  // the position after these
  Offset high_watermark = -1;
};

struct ConsumerRecords {
  std::vector<PartitionRecords>
      partitions;  // a partition may come twice: then its later records come later

  size_t count() const {
    size_t total = 0;
    for (const PartitionRecords& part : partitions) total += part.records.size();
    return total;
  }
  bool empty() const { return partitions.empty(); }
};

struct OffsetAndTimestamp {
  Offset offset = kNoOffset;
  TimestampMs timestamp = kNoTimestamp;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

}  // namespace kafkascope

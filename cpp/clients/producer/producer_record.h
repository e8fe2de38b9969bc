// What goes into a producer and what comes back.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "common/bytes.h"
#include "common/errors.h"
#include "common/types.h"
#include "record/record_view.h"

namespace kafkascope {

/// A header to be sent: views, like the rest of a ProducerRecord.
using ProducerHeader = HeaderView;

/// A record to be sent. Only views: send() copies the bytes into a batch before it returns.
struct ProducerRecord {
  std::string_view topic;
  std::optional<PartitionIndex> partition;  // empty: the partitioner chooses
  std::optional<TimestampMs> timestamp;     // empty: now
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  std::span<const ProducerHeader> headers;
};

/// Where a record came to lie.
struct RecordMetadata {
  TopicPartition topic_partition;
  Offset offset = kNoOffset;  // -1 with acks=0, or when the broker found a duplicate that it no
                              // longer remembers
  TimestampMs timestamp = kNoTimestamp;
  int32_t serialized_key_size = -1;  // -1: null
  int32_t serialized_value_size = -1;
};

/// Runs on the producer's network thread, in the order in which the records of a partition were
/// sent: must be quick and must not block. `error` is null when the record was acknowledged.
using ProducerCallback = std::function<void(const RecordMetadata& metadata, const Error* error)>;

}  // namespace kafkascope

// The words that every library uses for Kafka's numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace kafkascope {

// Plain integers, not wrapper classes: they cross the wire structs and the bindings everywhere, and
// the names carry the meaning (docs/decisions/0002).
using Offset = int64_t;       // of a record within its partition
using TimestampMs = int64_t;  // milliseconds since 1970, as in record batches
using LeaderEpoch = int32_t;
using BrokerId = int32_t;
using PartitionIndex = int32_t;
using SegmentPosition = int32_t;  // byte position within one segment file
using ProducerId = int64_t;
using ProducerEpoch = int16_t;

inline constexpr Offset kNoOffset = -1;
inline constexpr LeaderEpoch kNoLeaderEpoch = -1;
inline constexpr TimestampMs kNoTimestamp = -1;
inline constexpr ProducerId kNoProducerId = -1;
inline constexpr ProducerEpoch kNoProducerEpoch = -1;
inline constexpr int32_t kNoSequence = -1;

/// Names one partition. Ordered by topic, then index, so that ordered maps give the same order on
/// every machine.
struct TopicPartition {
  std::string topic;
  PartitionIndex partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
  /// "topic-0": the name that Kafka gives the partition's directory.
  std::string to_string() const { return topic + "-" + std::to_string(partition); }
};

}  // namespace kafkascope

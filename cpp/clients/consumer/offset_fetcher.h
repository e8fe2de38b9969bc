// OffsetFetcher: finds positions: by reset strategy, by timestamp, and after a change of leader.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "clients/consumer/consumer_metadata.h"
#include "clients/consumer/consumer_network_client.h"
#include "clients/consumer/consumer_record.h"
#include "clients/list_offsets.h"

namespace kafkascope {

/// Kafka's OffsetFetcher. For the polling thread.
class OffsetFetcher {
 public:
  OffsetFetcher(Node& node, const ConsumerConfig& config, ConsumerNetworkClient& client,
                ConsumerMetadata& metadata, SubscriptionState& subscriptions);

  /// Starts ListOffsets for partitions that await a reset. Does not wait; throws what an earlier
  /// one found that no retry heals.
  void reset_positions_if_needed();
  /// When new metadata came, compares each position's leader, and asks the new one whether the
  /// position still holds (OffsetForLeaderEpoch, KIP-320).
  void validate_positions_if_needed();

  /// Waits; throws KafkaException(kRequestTimedOut) at the deadline, or a partition's own error.
  std::map<TopicPartition, ListOffsetsOutcome> fetch_offsets(
      const std::map<TopicPartition, TimestampMs>& timestamps, Instant deadline);

 private:
  using Outcomes = std::map<TopicPartition, ListOffsetsOutcome>;
  void send_reset(const BrokerNode& leader,
                  const std::map<TopicPartition, OffsetResetStrategy>& resets, Instant now);
  void finish_reset(const TopicPartition& tp, OffsetResetStrategy strategy,
                    const ListOffsetsOutcome& outcome);
  void note_new_leaders();
  void send_validation(const BrokerNode& leader,
                       const std::map<TopicPartition, FetchPosition>& positions, Instant now);
  void finish_validation(const std::map<TopicPartition, FetchPosition>& positions,
                         const ClientResponse& response);
  void retry_later(const std::vector<TopicPartition>& partitions);
  void remember(Error error);
  void throw_remembered();
  bool fetch_round(std::map<TopicPartition, TimestampMs>& remaining, Outcomes& found,
                   Instant deadline);
  [[noreturn]] void throw_timed_out(const std::map<TopicPartition, TimestampMs>& remaining) const;

  Node& node_;
  const ConsumerConfig& config_;
  ConsumerNetworkClient& client_;
  ConsumerMetadata& metadata_;
  SubscriptionState& subscriptions_;
  int64_t validated_version_ = -1;
  std::optional<Error> remembered_;
};

}  // namespace kafkascope

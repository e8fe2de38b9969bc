// RemoteLeaderEndPoint: a leader on another broker, asked over the network.
#pragma once

#include <functional>

#include "clients/blocking_sender.h"
#include "protocol/messages/fetch_response.h"
#include "replication/fetcher/leader_end_point.h"
#include "replication/replication_config.h"

namespace kafkascope {

/// Kafka's RemoteLeaderEndPoint: one connection and one fetch session. Requests have the versions
/// of inter.broker.protocol.version, and no others: the leader must know them.
class RemoteLeaderEndPoint : public LeaderEndPoint {
 public:
  /// `broker_epoch`: of this broker, as it registered last (KIP-903).
  RemoteLeaderEndPoint(Node& node, const ReplicationConfig& config, const BrokerNode& leader,
                       int fetcher_id, std::function<int64_t()> broker_epoch);

  const BrokerNode& broker() const override { return sender_.target(); }
  Result<std::map<TopicPartition, FetchedPartition>> fetch(FetchPartitions wanted) override;
  std::map<TopicPartition, EpochEndOffset> fetch_epoch_end_offsets(
      const std::map<TopicPartition, EpochQuery>& queries) override;
  Result<Offset> fetch_earliest_offset(const TopicPartition& partition,
                                       LeaderEpoch current_leader_epoch) override;
  Result<Offset> fetch_latest_offset(const TopicPartition& partition,
                                     LeaderEpoch current_leader_epoch) override;
  void initiate_close() override { sender_.initiate_close(); }
  void close() override { sender_.close(); }

 private:
  ClientResponse send(std::unique_ptr<RequestBody> body);
  std::unique_ptr<RequestBody> fetch_request(const FetchSessionRequest& session) const;
  Result<std::map<TopicPartition, FetchedPartition>> accept(protocol::FetchResponse& response,
                                                            int16_t version,
                                                            const FetchSessionRequest& session);
  Result<Offset> fetch_offset(const TopicPartition& partition, LeaderEpoch current_leader_epoch,
                              TimestampMs which);

  const ReplicationConfig config_;
  const std::function<int64_t()> broker_epoch_;
  BlockingSender sender_;
  FetchSessionHandler session_;
};

}  // namespace kafkascope

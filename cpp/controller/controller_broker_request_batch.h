// ControllerBrokerRequestBatch: what a change means for each broker, gathered into few requests.
#pragma once

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "controller/controller_config.h"
#include "controller/controller_context.h"
#include "protocol/messages/leader_and_isr_request.h"
#include "protocol/messages/stop_replica_request.h"
#include "protocol/messages/update_metadata_request.h"

namespace kafkascope {

/// One request of the controller to one broker, at the version to send it at.
struct ControlRequest {
  using Message = std::variant<protocol::LeaderAndIsrRequest, protocol::UpdateMetadataRequest,
                               protocol::StopReplicaRequest>;
  BrokerId broker = -1;
  int16_t version = 0;
  Message message;
  std::set<TopicPartition> deletions;  // StopReplica: those whose files go

  /// "LeaderAndIsr"
  const char* name() const;
};

/// Where requests go: ControllerChannelManager in a controller.
class ControlRequestSender {
 public:
  virtual ~ControlRequestSender() = default;
  /// Requests to one broker arrive in this order.
  virtual void send(ControlRequest request) = 0;
};

/// AbstractControlRequest.Type: does the request name all partitions of the broker?
enum class ControlRequestType : int8_t { kUnknown = 0, kIncremental = 1, kFull = 2 };

/// Kafka's ControllerBrokerRequestBatch: pure. Reads the context at each call, and once more when
/// the requests are made. One for each change; what is added twice goes out once.
class ControllerBrokerRequestBatch {
 public:
  ControllerBrokerRequestBatch(const ControllerConfig& config, const ControllerContext& context,
                               ControlRequestType type = ControlRequestType::kIncremental)
      : config_(config), context_(context), type_(type) {}

  /// And UpdateMetadata for all brokers. `is_new`: the replica was not there before.
  void add_leader_and_isr_request_for_brokers(const std::vector<BrokerId>& brokers,
                                              const TopicPartition& partition, bool is_new);
  void add_stop_replica_request_for_brokers(const std::vector<BrokerId>& brokers,
                                            const TopicPartition& partition, bool delete_partition);
  /// Leaves out partitions without a leader so far. No partitions: only the brokers are told.
  void add_update_metadata_request_for_brokers(const std::set<BrokerId>& brokers,
                                               const std::set<TopicPartition>& partitions);

  /// LeaderAndIsr before UpdateMetadata before StopReplica, for living brokers.
  std::vector<ControlRequest> requests() const;
  void send_requests_to_brokers(ControlRequestSender& sender) const {
    for (ControlRequest& request : requests()) sender.send(std::move(request));
  }

 private:
  using LeaderAndIsrStates =
      std::map<TopicPartition, protocol::LeaderAndIsrRequest::LeaderAndIsrPartitionState>;
  using StopReplicaStates =
      std::map<TopicPartition, protocol::StopReplicaRequest::StopReplicaPartitionState>;

  ControlRequest leader_and_isr(BrokerId broker, const LeaderAndIsrStates& states) const;
  ControlRequest update_metadata(BrokerId broker) const;
  std::vector<ControlRequest> stop_replica(BrokerId broker, const StopReplicaStates& states) const;
  template <typename Message>
  Message addressed_to(BrokerId broker) const;
  protocol::UpdateMetadataRequest::UpdateMetadataPartitionState metadata_of(
      const TopicPartition& partition, const LeaderIsrAndControllerEpoch& info) const;

  const ControllerConfig& config_;
  const ControllerContext& context_;
  const ControlRequestType type_;
  std::map<BrokerId, LeaderAndIsrStates> leader_and_isr_;
  std::map<BrokerId, StopReplicaStates> stop_replica_;
  std::set<BrokerId> update_metadata_brokers_;
  std::map<TopicPartition, protocol::UpdateMetadataRequest::UpdateMetadataPartitionState>
      update_metadata_;
};

}  // namespace kafkascope

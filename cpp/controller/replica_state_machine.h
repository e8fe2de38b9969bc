// ReplicaStateMachine: takes replicas from state to state.
#pragma once

#include <map>
#include <set>

#include "controller/controller_broker_request_batch.h"
#include "controller/partition_state_store.h"

namespace kafkascope {

/// The state without this replica in the ISR, unless it is the last one there; without a leader, if
/// that was it.
LeaderAndIsr without_replica(const LeaderAndIsr& state, BrokerId replica);

/// Kafka's ReplicaStateMachine, on the controller's event thread. Each call is one batch, as in
/// PartitionStateMachine; what may not follow is refused in the same way. Throws what the store
/// throws.
class ReplicaStateMachine {
 public:
  using Replicas = std::set<PartitionAndReplica>;

  ReplicaStateMachine(Node& node, const ControllerConfig& config, ControllerContext& context,
                      PartitionStateStore& store, ControlRequestSender& sender);

  /// OnlineReplica where the broker lives, OfflineReplica for the others; all brokers are told.
  void startup();
  /// `type` says whether these are all replicas of their brokers.
  void handle_state_changes(const Replicas& replicas, controller::ReplicaState target,
                            ControlRequestType type = ControlRequestType::kIncremental);

 private:
  using Batch = ControllerBrokerRequestBatch;

  Replicas valid_transitions(const Replicas& replicas, controller::ReplicaState target);
  void refuse(const PartitionAndReplica& replica, controller::ReplicaState target, const char* why);
  void set_state(const PartitionAndReplica& replica, controller::ReplicaState state);
  void handle(const PartitionAndReplica& replica, controller::ReplicaState target, Batch& batch);
  void to_new(const PartitionAndReplica& replica, Batch& batch);
  void to_online(const PartitionAndReplica& replica, Batch& batch);
  void to_non_existent(const PartitionAndReplica& replica);
  void to_offline(const Replicas& replicas, Batch& batch);
  std::set<TopicPartition> remove_from_isr(BrokerId replica, std::set<TopicPartition> partitions);
  std::set<TopicPartition> try_to_remove_from_isr(BrokerId replica,
                                                  const std::set<TopicPartition>& partitions,
                                                  std::set<TopicPartition>& removed);

  Node& node_;
  const ControllerConfig& config_;
  ControllerContext& context_;
  PartitionStateStore& store_;
  ControlRequestSender& sender_;
};

}  // namespace kafkascope

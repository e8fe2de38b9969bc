// ControllerContext: all that the controller knows of the cluster. A plain value.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/uuid.h"
#include "controller/states.h"
#include "metadata/broker.h"
#include "metadata/leader_and_isr.h"

namespace kafkascope {

/// Kafka's ControllerContext. Only the controller's event thread changes it. Whoever asks for what
/// is not there gets the empty answer: no replicas, NonExistent.
class ControllerContext {
 public:
  using PartitionSet = std::set<TopicPartition>;
  using ReplicaSet = std::set<PartitionAndReplica>;
  using BrokerSet = std::set<BrokerId>;
  using BrokersAndEpochs = std::map<BrokerId, std::pair<Broker, BrokerEpoch>>;

  int32_t epoch = kInitialControllerEpoch;
  int32_t epoch_zk_version = 0;

  // Brokers. A broker that shuts down still gets requests, but may not become a leader.
  BrokerSet shutting_down_broker_ids;
  std::map<BrokerId, PartitionSet> replicas_on_offline_dirs;
  void set_live_brokers(BrokersAndEpochs brokers) { live_brokers_ = std::move(brokers); }
  void add_live_broker(const Broker& broker, BrokerEpoch epoch);
  void remove_live_broker(BrokerId id);
  const BrokersAndEpochs& live_or_shutting_down_brokers() const { return live_brokers_; }
  BrokerSet live_or_shutting_down_broker_ids() const;
  BrokerSet live_broker_ids() const;
  bool is_live_broker(BrokerId id) const;
  bool is_live_or_shutting_down(BrokerId id) const { return live_brokers_.count(id) > 0; }
  /// Nothing for a broker that does not live.
  std::optional<BrokerEpoch> broker_epoch(BrokerId id) const;
  bool is_replica_online(BrokerId id, const TopicPartition& partition,
                         bool include_shutting_down = false) const;

  // Topics.
  std::set<std::string> all_topics;
  void add_topic_id(const std::string& topic, const Uuid& id);
  /// All zero when it has none.
  Uuid topic_id(const std::string& topic) const;
  std::optional<std::string> topic_name(const Uuid& id) const;
  void remove_topic(const std::string& topic);

  // Which replicas a partition has.
  PartitionSet partitions_being_reassigned;
  const ReplicaAssignment& partition_full_replica_assignment(const TopicPartition& tp) const;
  const std::vector<BrokerId>& partition_replica_assignment(const TopicPartition& tp) const;
  const std::map<PartitionIndex, ReplicaAssignment>& assignment_of_topic(
      const std::string& topic) const;
  void update_partition_full_replica_assignment(const TopicPartition& tp,
                                                ReplicaAssignment assignment);
  PartitionSet all_partitions() const;
  PartitionSet partitions_for_topic(const std::string& topic) const;
  PartitionSet partitions_on_broker(BrokerId id) const;
  ReplicaSet replicas_on_brokers(const BrokerSet& ids) const;
  ReplicaSet replicas_for_topic(const std::string& topic) const;
  ReplicaSet replicas_for_partitions(const PartitionSet& partitions) const;

  // Who leads.
  const LeaderIsrAndControllerEpoch* partition_leadership_info(const TopicPartition& tp) const;
  const std::map<TopicPartition, LeaderIsrAndControllerEpoch>& partitions_leadership_info() const {
    return leadership_;
  }
  void put_partition_leadership_info(const TopicPartition& tp, LeaderIsrAndControllerEpoch info);
  /// kNoLeader when nobody is known.
  BrokerId leader_of(const TopicPartition& tp) const;
  /// For StopReplica: kEpochDuringDelete for a topic that goes, kNoLeaderEpoch when unknown.
  LeaderEpoch leader_epoch(const TopicPartition& tp) const;
  PartitionSet partitions_with_leaders() const;
  PartitionSet partitions_with_offline_leader() const;
  /// Of those that could be led by another replica.
  PartitionSet partition_leaders_on_broker(BrokerId id) const;

  // States.
  controller::PartitionState partition_state(const TopicPartition& tp) const;
  controller::ReplicaState replica_state(const PartitionAndReplica& replica) const;
  const std::map<TopicPartition, controller::PartitionState>& partition_states() const {
    return partition_states_;
  }
  const std::map<PartitionAndReplica, controller::ReplicaState>& replica_states() const {
    return replica_states_;
  }
  void put_partition_state(const TopicPartition& tp, controller::PartitionState state);
  void put_replica_state(const PartitionAndReplica& replica, controller::ReplicaState state);
  PartitionSet partitions_in_states(const std::set<controller::PartitionState>& states) const;
  ReplicaSet replicas_in_state(const std::string& topic, controller::ReplicaState state) const;
  bool are_all_replicas_in_state(const std::string& topic, controller::ReplicaState state) const;
  bool is_any_replica_in_state(const std::string& topic, controller::ReplicaState state) const;

  // Topics on their way out.
  std::set<std::string> topics_ineligible_for_deletion;
  std::set<std::string> topics_with_deletion_started;
  void queue_topic_deletion(const std::set<std::string>& topics);
  const std::set<std::string>& topics_to_be_deleted() const { return topics_to_be_deleted_; }
  bool is_topic_queued_up_for_deletion(const std::string& topic) const {
    return topics_to_be_deleted_.count(topic) > 0;
  }

  // What the metrics say.
  int offline_partition_count() const { return offline_partition_count_; }
  /// Partitions whose leader is not their first replica.
  int preferred_replica_imbalance_count() const { return preferred_replica_imbalance_count_; }

 private:
  /// 1 when the partition counts as not led by its preferred replica.
  int imbalance(const TopicPartition& tp) const;

  BrokersAndEpochs live_brokers_;
  std::map<std::string, Uuid> topic_ids_;
  std::map<Uuid, std::string> topic_names_;
  std::map<std::string, std::map<PartitionIndex, ReplicaAssignment>> assignments_;
  std::map<TopicPartition, LeaderIsrAndControllerEpoch> leadership_;
  std::map<TopicPartition, controller::PartitionState> partition_states_;
  std::map<PartitionAndReplica, controller::ReplicaState> replica_states_;
  std::set<std::string> topics_to_be_deleted_;
  int offline_partition_count_ = 0;
  int preferred_replica_imbalance_count_ = 0;
};

}  // namespace kafkascope

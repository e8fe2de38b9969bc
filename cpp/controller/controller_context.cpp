#include "controller/controller_context.h"

#include "controller/broker_ids.h"

namespace kafkascope {

using controller::PartitionState;
using controller::ReplicaState;

void ControllerContext::add_live_broker(const Broker& broker, BrokerEpoch epoch) {
  live_brokers_[broker.id] = {broker, epoch};
}

void ControllerContext::remove_live_broker(BrokerId id) { live_brokers_.erase(id); }

ControllerContext::BrokerSet ControllerContext::live_or_shutting_down_broker_ids() const {
  BrokerSet ids;
  for (const auto& [id, broker] : live_brokers_) ids.insert(id);
  return ids;
}

ControllerContext::BrokerSet ControllerContext::live_broker_ids() const {
  BrokerSet ids = live_or_shutting_down_broker_ids();
  for (BrokerId id : shutting_down_broker_ids) ids.erase(id);
  return ids;
}

bool ControllerContext::is_live_broker(BrokerId id) const {
  return is_live_or_shutting_down(id) && shutting_down_broker_ids.count(id) == 0;
}

std::optional<BrokerEpoch> ControllerContext::broker_epoch(BrokerId id) const {
  const auto found = live_brokers_.find(id);
  if (found == live_brokers_.end()) return std::nullopt;
  return found->second.second;
}

bool ControllerContext::is_replica_online(BrokerId id, const TopicPartition& partition,
                                          bool include_shutting_down) const {
  if (include_shutting_down ? !is_live_or_shutting_down(id) : !is_live_broker(id)) return false;
  const auto offline = replicas_on_offline_dirs.find(id);
  return offline == replicas_on_offline_dirs.end() || offline->second.count(partition) == 0;
}

void ControllerContext::add_topic_id(const std::string& topic, const Uuid& id) {
  topic_ids_[topic] = id;
  topic_names_[id] = topic;
}

Uuid ControllerContext::topic_id(const std::string& topic) const {
  const auto found = topic_ids_.find(topic);
  return found == topic_ids_.end() ? Uuid{} : found->second;
}

std::optional<std::string> ControllerContext::topic_name(const Uuid& id) const {
  const auto found = topic_names_.find(id);
  if (found == topic_names_.end()) return std::nullopt;
  return found->second;
}

void ControllerContext::remove_topic(const std::string& topic) {
  for (const TopicPartition& tp : partitions_for_topic(topic)) {
    preferred_replica_imbalance_count_ -= imbalance(tp);
    leadership_.erase(tp);
    put_partition_state(tp, PartitionState::kNonExistentPartition);
    partitions_being_reassigned.erase(tp);
    for (BrokerId id : partition_replica_assignment(tp)) replica_states_.erase({tp, id});
  }
  assignments_.erase(topic);
  topic_names_.erase(topic_id(topic));
  topic_ids_.erase(topic);
  all_topics.erase(topic);
  topics_to_be_deleted_.erase(topic);
  topics_with_deletion_started.erase(topic);
  topics_ineligible_for_deletion.erase(topic);
}

const ReplicaAssignment& ControllerContext::partition_full_replica_assignment(
    const TopicPartition& tp) const {
  static const ReplicaAssignment none;
  const auto& partitions = assignment_of_topic(tp.topic);
  const auto found = partitions.find(tp.partition);
  return found == partitions.end() ? none : found->second;
}

const std::vector<BrokerId>& ControllerContext::partition_replica_assignment(
    const TopicPartition& tp) const {
  return partition_full_replica_assignment(tp).replicas;
}

const std::map<PartitionIndex, ReplicaAssignment>& ControllerContext::assignment_of_topic(
    const std::string& topic) const {
  static const std::map<PartitionIndex, ReplicaAssignment> none;
  const auto found = assignments_.find(topic);
  return found == assignments_.end() ? none : found->second;
}

void ControllerContext::update_partition_full_replica_assignment(const TopicPartition& tp,
                                                                 ReplicaAssignment assignment) {
  preferred_replica_imbalance_count_ -= imbalance(tp);
  assignments_[tp.topic][tp.partition] = std::move(assignment);
  preferred_replica_imbalance_count_ += imbalance(tp);
}

ControllerContext::PartitionSet ControllerContext::all_partitions() const {
  PartitionSet all;
  for (const auto& [topic, partitions] : assignments_) {
    for (const auto& [index, assignment] : partitions) all.emplace_hint(all.end(), topic, index);
  }
  return all;
}

ControllerContext::PartitionSet ControllerContext::partitions_for_topic(
    const std::string& topic) const {
  PartitionSet partitions;
  for (const auto& [index, assignment] : assignment_of_topic(topic)) {
    partitions.emplace_hint(partitions.end(), topic, index);
  }
  return partitions;
}

ControllerContext::PartitionSet ControllerContext::partitions_on_broker(BrokerId id) const {
  PartitionSet found;
  for (const PartitionAndReplica& replica : replicas_on_brokers({id})) {
    found.insert(replica.topic_partition);
  }
  return found;
}

ControllerContext::ReplicaSet ControllerContext::replicas_on_brokers(const BrokerSet& ids) const {
  ReplicaSet found;
  for (const auto& [topic, partitions] : assignments_) {
    for (const auto& [index, assignment] : partitions) {
      for (BrokerId id : assignment.replicas) {
        if (ids.count(id) > 0) found.insert({{topic, index}, id});
      }
    }
  }
  return found;
}

ControllerContext::ReplicaSet ControllerContext::replicas_for_topic(
    const std::string& topic) const {
  return replicas_for_partitions(partitions_for_topic(topic));
}

ControllerContext::ReplicaSet ControllerContext::replicas_for_partitions(
    const PartitionSet& partitions) const {
  ReplicaSet replicas;
  for (const TopicPartition& tp : partitions) {
    for (BrokerId id : partition_replica_assignment(tp)) replicas.insert({tp, id});
  }
  return replicas;
}

const LeaderIsrAndControllerEpoch* ControllerContext::partition_leadership_info(
    const TopicPartition& tp) const {
  const auto found = leadership_.find(tp);
  return found == leadership_.end() ? nullptr : &found->second;
}

void ControllerContext::put_partition_leadership_info(const TopicPartition& tp,
                                                      LeaderIsrAndControllerEpoch info) {
  preferred_replica_imbalance_count_ -= imbalance(tp);
  leadership_[tp] = std::move(info);
  preferred_replica_imbalance_count_ += imbalance(tp);
}

BrokerId ControllerContext::leader_of(const TopicPartition& tp) const {
  const LeaderIsrAndControllerEpoch* info = partition_leadership_info(tp);
  return info == nullptr ? kNoLeader : info->leader_and_isr.leader;
}

LeaderEpoch ControllerContext::leader_epoch(const TopicPartition& tp) const {
  if (is_topic_queued_up_for_deletion(tp.topic)) return kEpochDuringDelete;
  const LeaderIsrAndControllerEpoch* info = partition_leadership_info(tp);
  return info == nullptr ? kNoLeaderEpoch : info->leader_and_isr.leader_epoch;
}

ControllerContext::PartitionSet ControllerContext::partitions_with_leaders() const {
  PartitionSet found;
  for (const auto& [tp, info] : leadership_) {
    if (!is_topic_queued_up_for_deletion(tp.topic)) found.insert(tp);
  }
  return found;
}

ControllerContext::PartitionSet ControllerContext::partitions_with_offline_leader() const {
  PartitionSet found;
  for (const TopicPartition& tp : partitions_with_leaders()) {
    if (!is_replica_online(leader_of(tp), tp)) found.insert(tp);
  }
  return found;
}

ControllerContext::PartitionSet ControllerContext::partition_leaders_on_broker(BrokerId id) const {
  PartitionSet found;
  for (const TopicPartition& tp : partitions_with_leaders()) {
    if (leader_of(tp) == id && partition_replica_assignment(tp).size() > 1) found.insert(tp);
  }
  return found;
}

PartitionState ControllerContext::partition_state(const TopicPartition& tp) const {
  const auto found = partition_states_.find(tp);
  return found == partition_states_.end() ? PartitionState::kNonExistentPartition : found->second;
}

ReplicaState ControllerContext::replica_state(const PartitionAndReplica& replica) const {
  const auto found = replica_states_.find(replica);
  return found == replica_states_.end() ? ReplicaState::kNonExistentReplica : found->second;
}

void ControllerContext::put_partition_state(const TopicPartition& tp, PartitionState state) {
  offline_partition_count_ -= partition_state(tp) == PartitionState::kOfflinePartition;
  offline_partition_count_ += state == PartitionState::kOfflinePartition;
  if (state == PartitionState::kNonExistentPartition) {
    partition_states_.erase(tp);
  } else {
    partition_states_[tp] = state;
  }
}

void ControllerContext::put_replica_state(const PartitionAndReplica& replica, ReplicaState state) {
  if (state == ReplicaState::kNonExistentReplica) {
    replica_states_.erase(replica);
  } else {
    replica_states_[replica] = state;
  }
}

ControllerContext::PartitionSet ControllerContext::partitions_in_states(
    const std::set<PartitionState>& states) const {
  PartitionSet found;
  for (const auto& [tp, state] : partition_states_) {
    if (states.count(state) > 0) found.insert(tp);
  }
  return found;
}

ControllerContext::ReplicaSet ControllerContext::replicas_in_state(const std::string& topic,
                                                                   ReplicaState state) const {
  ReplicaSet found;
  for (const PartitionAndReplica& replica : replicas_for_topic(topic)) {
    if (replica_state(replica) == state) found.insert(replica);
  }
  return found;
}

bool ControllerContext::are_all_replicas_in_state(const std::string& topic,
                                                  ReplicaState state) const {
  const ReplicaSet replicas = replicas_for_topic(topic);
  return std::all_of(replicas.begin(), replicas.end(), [&](const PartitionAndReplica& replica) {
    return replica_state(replica) == state;
  });
}

bool ControllerContext::is_any_replica_in_state(const std::string& topic,
                                                ReplicaState state) const {
  return !replicas_in_state(topic, state).empty();
}

void ControllerContext::queue_topic_deletion(const std::set<std::string>& topics) {
  for (const std::string& topic : topics) {
    for (const TopicPartition& tp : partitions_for_topic(topic)) {
      preferred_replica_imbalance_count_ -= imbalance(tp);
    }
    topics_to_be_deleted_.insert(topic);
  }
}

int ControllerContext::imbalance(const TopicPartition& tp) const {
  const LeaderIsrAndControllerEpoch* info = partition_leadership_info(tp);
  const ReplicaAssignment& assignment = partition_full_replica_assignment(tp);
  if (info == nullptr || assignment.replicas.empty()) return 0;
  if (is_topic_queued_up_for_deletion(tp.topic)) return 0;
  const BrokerId preferred = assignment.replicas.front();
  // A replica that is only being added is not asked to lead before it is in sync.
  if (contains(assignment.adding, preferred))
    return contains(info->leader_and_isr.isr, preferred) ? 0 : 1;
  return info->leader_and_isr.leader == preferred ? 0 : 1;
}

}  // namespace kafkascope

#include "controller/cluster_changes.h"

#include "controller/broker_ids.h"

namespace kafkascope {

BrokerChanges broker_changes(const ControllerContext& context,
                             const ControllerContext::BrokersAndEpochs& current) {
  BrokerChanges changes;
  for (const auto& [id, broker] : current) {
    const std::optional<BrokerEpoch> known = context.broker_epoch(id);
    if (!known.has_value()) {
      changes.added.insert(id);
    } else if (broker.second > *known) {
      changes.bounced.insert(id);
    }
  }
  for (BrokerId id : context.live_or_shutting_down_broker_ids()) {
    if (current.count(id) == 0) changes.dead.insert(id);
  }
  return changes;
}

ElectionPlan plan_elections(const ControllerContext& context,
                            const std::set<TopicPartition>& partitions, ElectionType type) {
  ElectionPlan plan;
  for (const TopicPartition& tp : partitions) {
    const BrokerIds& replicas = context.partition_replica_assignment(tp);
    const BrokerId leader = context.leader_of(tp);
    if (replicas.empty()) {
      plan.refused[tp] = {ErrorCode::kUnknownTopicOrPartition, "The partition does not exist."};
    } else if (context.is_topic_queued_up_for_deletion(tp.topic)) {
      plan.refused[tp] = {ErrorCode::kInvalidTopicException, "The topic is being deleted"};
    } else if (type == ElectionType::kPreferred ? leader == replicas.front()
                                                : context.is_live_broker(leader)) {
      plan.refused[tp] = {ErrorCode::kElectionNotNeeded,
                          "Leader election not needed for topic partition."};
    } else {
      plan.electable.insert(tp);
    }
  }
  return plan;
}

std::set<TopicPartition> imbalanced_partitions(const ControllerContext& context,
                                               int allowed_percentage) {
  std::map<BrokerId, std::set<TopicPartition>> preferring, lost;
  for (const TopicPartition& tp : context.all_partitions()) {
    const BrokerIds& replicas = context.partition_replica_assignment(tp);
    if (replicas.empty() || context.is_topic_queued_up_for_deletion(tp.topic)) continue;
    preferring[replicas.front()].insert(tp);
    const LeaderIsrAndControllerEpoch* info = context.partition_leadership_info(tp);
    if (info != nullptr && info->leader_and_isr.leader != replicas.front())
      lost[replicas.front()].insert(tp);
  }
  std::set<TopicPartition> due;
  for (const auto& [broker, partitions] : lost) {
    if (partitions.size() * 100 <=
        preferring[broker].size() * static_cast<size_t>(allowed_percentage))
      continue;
    for (const TopicPartition& tp : partitions) {
      const LeaderAndIsr& state = context.partition_leadership_info(tp)->leader_and_isr;
      if (context.is_replica_online(broker, tp) && contains(state.isr, broker)) due.insert(tp);
    }
  }
  return due;
}

ShutdownPlan plan_controlled_shutdown(const ControllerContext& context, BrokerId broker) {
  ShutdownPlan plan;
  for (const TopicPartition& tp : context.partitions_on_broker(broker)) {
    if (context.partition_replica_assignment(tp).size() < 2) continue;  // nobody else could lead
    if (context.partition_leadership_info(tp) == nullptr) continue;
    if (context.is_topic_queued_up_for_deletion(tp.topic)) continue;
    (context.leader_of(tp) == broker ? plan.led : plan.followed).insert(tp);
  }
  return plan;
}

}  // namespace kafkascope

// Elections that somebody asks for: a tool, a client, or the controller's own sense of balance.
#include "common/logging.h"
#include "controller/kafka_controller.h"

namespace kafkascope {

PartitionStateMachine::Elections KafkaController::on_replica_election(const Partitions& partitions,
                                                                      ElectionType type,
                                                                      ElectionTrigger trigger) {
  const LeaderSelectors& selectors = partition_state_machine_.selectors();
  if (type == ElectionType::kPreferred)
    return partition_state_machine_.elect_leaders(partitions, *selectors.preferred);
  // Only a person may lose records on purpose.
  const bool allow_unclean = trigger == ElectionTrigger::kAdminClientTriggered;
  return partition_state_machine_.elect_leaders(partitions, *selectors.offline, allow_unclean);
}

std::map<TopicPartition, Result<BrokerId>> KafkaController::elect_on_request(
    const Partitions& partitions, ElectionType type) {
  const ElectionPlan plan = plan_elections(context_, partitions, type);
  std::map<TopicPartition, Result<BrokerId>> results;
  for (const auto& [tp, why] : plan.refused) results.emplace(tp, why);
  const auto elections =
      on_replica_election(plan.electable, type, ElectionTrigger::kAdminClientTriggered);
  for (const auto& [tp, election] : elections) {
    if (election.ok()) {
      results.emplace(tp, election->leader);
      continue;
    }
    Error error = election.error();
    if (type == ElectionType::kPreferred) error.code = ErrorCode::kPreferredLeaderNotAvailable;
    results.emplace(tp, error);
  }
  // A new partition's first leader is no election.
  for (const TopicPartition& tp : plan.electable) {
    const BrokerId leader = context_.leader_of(tp);
    if (results.count(tp) > 0) continue;
    if (leader != kNoLeader) {
      results.emplace(tp, leader);
    } else {
      results.emplace(tp, Error{ErrorCode::kLeaderNotAvailable, "No replica is alive."});
    }
  }
  return results;
}

void KafkaController::process_zk_preferred_replica_election() {
  // Also sets the watch for the next time that somebody makes it.
  if (!is_active() || !zk_.path_exists(znode::kPreferredReplicaElection)) return;
  const ElectionPlan plan =
      plan_elections(context_, zk_.get_preferred_replica_election(), ElectionType::kPreferred);
  on_replica_election(plan.electable, ElectionType::kPreferred, ElectionTrigger::kZkTriggered);
  zk_.delete_preferred_replica_election(zk_version());
  put("ReplicaLeaderElection(Zk)", ControllerState::kManualLeaderBalance,
      [this] { process_zk_preferred_replica_election(); });
}

void KafkaController::schedule_auto_leader_rebalance(Duration delay) {
  const int32_t elected = epoch_;
  events_.put_after(delay, {"AutoPreferredReplicaLeaderElection",
                            ControllerState::kAutoLeaderBalance,
                            [this, elected] {
                              // A controller that was elected anew has a schedule of its own.
                              if (is_active() && epoch_ == elected)
                                process_auto_preferred_replica_leader_election();
                            },
                            {}});
}

void KafkaController::process_auto_preferred_replica_leader_election() {
  schedule_auto_leader_rebalance(config_.leader_imbalance_check_interval);
  const Partitions due =
      imbalanced_partitions(context_, config_.leader_imbalance_per_broker_percentage);
  if (!due.empty())
    on_replica_election(due, ElectionType::kPreferred, ElectionTrigger::kAutoTriggered);
}

}  // namespace kafkascope

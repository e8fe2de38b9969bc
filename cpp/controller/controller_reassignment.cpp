// How the controller moves partitions to other replicas.
#include "common/logging.h"
#include "controller/broker_ids.h"
#include "controller/kafka_controller.h"

namespace kafkascope {

using controller::ReplicaState;

void KafkaController::process_zk_partition_reassignment() {
  if (is_active()) (void)reassign_from_zk();
}

KafkaController::Partitions KafkaController::reassign_from_zk() {
  // Also sets the watch for the next time that somebody makes it.
  if (!zk_.path_exists(znode::kReassignPartitions)) return {};
  Targets targets;
  for (auto& [tp, replicas] : zk_.get_partition_reassignment()) targets[tp] = replicas;
  Partitions begun, failed;
  for (const auto& [tp, error] : reassign(targets)) {
    (error.code == ErrorCode::kNone ? begun : failed).insert(tp);
  }
  if (!failed.empty() || targets.empty()) {
    remove_from_zk_reassignment(
        [&](const TopicPartition& tp, const BrokerIds&) { return failed.count(tp) > 0; });
  }
  return begun;
}

Result<std::map<TopicPartition, Error>> KafkaController::reassign_on_request(
    const Targets& targets) {
  // What the tool of old had asked for these partitions no longer holds.
  remove_from_zk_reassignment([&](const TopicPartition& tp, const BrokerIds&) {
    const auto asked = targets.find(tp);
    return asked != targets.end() && plan_reassignment(context_, tp, asked->second).ok();
  });
  return reassign(targets);
}

std::map<TopicPartition, Error> KafkaController::reassign(const Targets& targets) {
  std::map<TopicPartition, Error> results;
  for (const auto& [tp, target] : targets) {
    const Result<ReplicaAssignment> plan = plan_reassignment(context_, tp, target);
    if (plan.ok()) {
      KS_TRACE(node_, "ReassignmentStarted", {"partition", tp.to_string()},
               {"replicas", join(plan->replicas)}, {"adding", join(plan->adding)},
               {"removing", join(plan->removing)});
      on_partition_reassignment(tp, *plan);
    }
    results[tp] = plan.ok() ? Error{ErrorCode::kNone, ""} : plan.error();
  }
  return results;
}

void KafkaController::maybe_resume_reassignments(
    const std::function<bool(const TopicPartition&, const ReplicaAssignment&)>& should_resume) {
  const Partitions moving = context_.partitions_being_reassigned;
  for (const TopicPartition& tp : moving) {
    const ReplicaAssignment assignment = context_.partition_full_replica_assignment(tp);
    if (should_resume(tp, assignment)) on_partition_reassignment(tp, assignment);
  }
}

void KafkaController::process_partition_reassignment_isr_change(const TopicPartition& partition) {
  if (is_active()) maybe_complete_reassignment(partition);
}

void KafkaController::maybe_complete_reassignment(const TopicPartition& partition) {
  if (context_.partitions_being_reassigned.count(partition) == 0) return;
  const ReplicaAssignment assignment = context_.partition_full_replica_assignment(partition);
  if (is_complete(partition, assignment)) on_partition_reassignment(partition, assignment);
}

/// In three steps, each of which may be done again after a failover: the topic's znode says where
/// to; the adding replicas start to follow; once they are in sync, those that go are stopped. Until
/// then all replicas, old and new, serve.
void KafkaController::on_partition_reassignment(const TopicPartition& partition,
                                                const ReplicaAssignment& assignment) {
  topic_deletion_manager_.mark_topics_ineligible_for_deletion({partition.topic},
                                                              "a reassignment is under way");
  update_current_reassignment(partition, assignment);
  if (is_complete(partition, assignment)) return complete_reassignment(partition, assignment);
  // A new leader epoch tells the leader of its new followers, and fences what it asked before.
  partition_state_machine_.elect_leaders({partition}, *partition_state_machine_.selectors().no_op);
  std::set<PartitionAndReplica> fresh;
  for (BrokerId id : assignment.adding) {
    if (context_.replica_state({partition, id}) == ReplicaState::kNonExistentReplica)
      fresh.insert({partition, id});
  }
  replica_state_machine_.handle_state_changes(fresh, ReplicaState::kNewReplica);
}

void KafkaController::update_current_reassignment(const TopicPartition& partition,
                                                  const ReplicaAssignment& assignment) {
  const ReplicaAssignment current = context_.partition_full_replica_assignment(partition);
  if (current != assignment) {
    write_assignment(partition, assignment);
    context_.update_partition_full_replica_assignment(partition, assignment);
    // Added by an earlier reassignment that this one replaces.
    stop_removed_replicas(partition, without(current.replicas, assignment.replicas));
  }
  context_.partitions_being_reassigned.insert(partition);
  if (config_.protocol.alter_partition()) return;
  watch_node(std::make_shared<PartitionReassignmentIsrChangeHandler>(partition, [this, partition] {
    put("PartitionReassignmentIsrChange(" + partition.to_string() + ")",
        ControllerState::kAlterPartitionReassignment,
        [this, partition] { process_partition_reassignment_isr_change(partition); });
  }));
}

bool KafkaController::is_complete(const TopicPartition& partition,
                                  const ReplicaAssignment& assignment) {
  if (!assignment.is_being_reassigned()) return true;
  const PartitionStateStore::States states = store_.read({partition});
  const auto found = states.find(partition);
  return found != states.end() &&
         is_reassignment_complete(assignment, found->second.leader_and_isr.isr);
}

void KafkaController::complete_reassignment(const TopicPartition& partition,
                                            const ReplicaAssignment& assignment) {
  std::set<PartitionAndReplica> added;
  for (BrokerId id : assignment.adding) added.insert({partition, id});
  replica_state_machine_.handle_state_changes(added, ReplicaState::kOnlineReplica);
  const ReplicaAssignment completed{assignment.target_replicas(), {}, {}};
  context_.update_partition_full_replica_assignment(partition, completed);
  const BrokerId leader = context_.leader_of(partition);
  const bool may_stay =
      contains(completed.replicas, leader) && context_.is_replica_online(leader, partition);
  const LeaderSelectors& selectors = partition_state_machine_.selectors();
  partition_state_machine_.elect_leaders({partition},
                                         may_stay ? *selectors.no_op : *selectors.reassigned);
  stop_removed_replicas(partition, assignment.removing);
  write_assignment(partition, completed);
  context_.partitions_being_reassigned.erase(partition);
  stop_watching_node(znode::topic_partition_state(partition));
  remove_from_zk_reassignment([&](const TopicPartition& tp, const BrokerIds& replicas) {
    return tp == partition && replicas == completed.replicas;
  });
  KS_TRACE(node_, "ReassignmentCompleted", {"partition", partition.to_string()},
           {"replicas", join(completed.replicas)});
  send_metadata_update({partition});
  topic_deletion_manager_.resume_deletion_for_topics({partition.topic});
}

void KafkaController::stop_removed_replicas(const TopicPartition& partition,
                                            const BrokerIds& removed) {
  std::set<PartitionAndReplica> replicas;
  for (BrokerId id : removed) {
    if (context_.replica_state({partition, id}) != ReplicaState::kNonExistentReplica)
      replicas.insert({partition, id});
  }
  for (const ReplicaState state :
       {ReplicaState::kOfflineReplica, ReplicaState::kReplicaDeletionStarted,
        ReplicaState::kReplicaDeletionSuccessful, ReplicaState::kNonExistentReplica}) {
    replica_state_machine_.handle_state_changes(replicas, state);
  }
}

void KafkaController::write_assignment(const TopicPartition& partition,
                                       const ReplicaAssignment& assignment) {
  TopicAssignment topic{partition.topic, std::nullopt, {}};
  if (const Uuid id = context_.topic_id(partition.topic); !id.is_zero()) topic.topic_id = id;
  topic.partitions = context_.assignment_of_topic(partition.topic);
  topic.partitions[partition.partition] = assignment;
  zk_.set_topic_assignment(topic, zk_version());
}

void KafkaController::remove_from_zk_reassignment(
    const std::function<bool(const TopicPartition&, const BrokerIds&)>& done) {
  if (!zk_.path_exists(znode::kReassignPartitions)) return;
  const std::map<TopicPartition, BrokerIds> asked = zk_.get_partition_reassignment();
  std::map<TopicPartition, BrokerIds> left;
  for (const auto& [tp, replicas] : asked) {
    if (!done(tp, replicas)) left[tp] = replicas;
  }
  if (left.size() == asked.size() && !left.empty()) return;
  zk_.set_or_create_partition_reassignment(left, zk_version());
  // The node is gone: look again, so that its next creation is noticed.
  if (left.empty()) {
    put("ZkPartitionReassignment", ControllerState::kAlterPartitionReassignment,
        [this] { process_zk_partition_reassignment(); });
  }
}

}  // namespace kafkascope

#include "controller/replica_state_machine.h"

#include "common/logging.h"
#include "controller/broker_ids.h"
#include "runtime/node.h"

namespace kafkascope {

using controller::ReplicaState;

LeaderAndIsr without_replica(const LeaderAndIsr& state, BrokerId replica) {
  LeaderAndIsr changed = state;
  ++changed.leader_epoch;
  if (state.leader == replica) changed.leader = kNoLeader;
  if (state.isr.size() > 1) changed.isr = without(state.isr, {replica});
  return changed;
}

ReplicaStateMachine::ReplicaStateMachine(Node& node, const ControllerConfig& config,
                                         ControllerContext& context, PartitionStateStore& store,
                                         ControlRequestSender& sender)
    : node_(node), config_(config), context_(context), store_(store), sender_(sender) {}

void ReplicaStateMachine::startup() {
  Replicas online, offline;
  for (const auto& replica : context_.replicas_for_partitions(context_.all_partitions())) {
    const bool lives = context_.is_replica_online(replica.replica, replica.topic_partition);
    set_state(replica,
              lives ? ReplicaState::kOnlineReplica : ReplicaState::kReplicaDeletionIneligible);
    (lives ? online : offline).insert(replica);
  }
  handle_state_changes(online, ReplicaState::kOnlineReplica, ControlRequestType::kFull);
  handle_state_changes(offline, ReplicaState::kOfflineReplica);
}

void ReplicaStateMachine::handle_state_changes(const Replicas& replicas, ReplicaState target,
                                               ControlRequestType type) {
  const Replicas valid = valid_transitions(replicas, target);
  if (valid.empty()) return;
  Batch batch(config_, context_, type);
  if (target == ReplicaState::kOfflineReplica) {
    to_offline(valid, batch);
  } else {
    for (const PartitionAndReplica& replica : valid) handle(replica, target, batch);
  }
  batch.send_requests_to_brokers(sender_);
}

ReplicaStateMachine::Replicas ReplicaStateMachine::valid_transitions(const Replicas& replicas,
                                                                     ReplicaState target) {
  Replicas valid;
  for (const PartitionAndReplica& replica : replicas) {
    if (may_follow(context_.replica_state(replica), target)) {
      valid.insert(replica);
    } else {
      refuse(replica, target, "does not follow");
    }
  }
  return valid;
}

void ReplicaStateMachine::refuse(const PartitionAndReplica& replica, ReplicaState target,
                                 const char* why) {
  const char* from = to_string(context_.replica_state(replica));
  KS_LOG(kError, node_.name(), "replica {} of {} may not go from {} to {}: {}", replica.replica,
         replica.topic_partition.to_string(), from, to_string(target), why);
  KS_TRACE(node_, "TransitionRefused", {"partition", replica.topic_partition.to_string()},
           {"replica", replica.replica}, {"from", std::string(from)},
           {"to", std::string(to_string(target))});
}

void ReplicaStateMachine::set_state(const PartitionAndReplica& replica, ReplicaState state) {
  const ReplicaState from = context_.replica_state(replica);
  if (from == state) return;
  context_.put_replica_state(replica, state);
  KS_TRACE(node_, "ReplicaStateChanged", {"partition", replica.topic_partition.to_string()},
           {"replica", replica.replica}, {"from", std::string(to_string(from))},
           {"to", std::string(to_string(state))});
}

void ReplicaStateMachine::handle(const PartitionAndReplica& replica, ReplicaState target,
                                 Batch& batch) {
  switch (target) {
    case ReplicaState::kNewReplica:
      return to_new(replica, batch);
    case ReplicaState::kOnlineReplica:
      return to_online(replica, batch);
    case ReplicaState::kReplicaDeletionStarted:
      batch.add_stop_replica_request_for_brokers({replica.replica}, replica.topic_partition, true);
      break;
    case ReplicaState::kNonExistentReplica:
      to_non_existent(replica);
      break;
    default:
      break;
  }
  set_state(replica, target);
}

void ReplicaStateMachine::to_new(const PartitionAndReplica& replica, Batch& batch) {
  const TopicPartition& tp = replica.topic_partition;
  if (context_.leader_of(tp) == replica.replica)
    return refuse(replica, ReplicaState::kNewReplica, "it leads the partition");
  batch.add_leader_and_isr_request_for_brokers({replica.replica}, tp, /*is_new=*/true);
  set_state(replica, ReplicaState::kNewReplica);
}

void ReplicaStateMachine::to_online(const PartitionAndReplica& replica, Batch& batch) {
  // A new replica was told all when it was made.
  if (context_.replica_state(replica) != ReplicaState::kNewReplica) {
    batch.add_leader_and_isr_request_for_brokers({replica.replica}, replica.topic_partition,
                                                 /*is_new=*/false);
  }
  set_state(replica, ReplicaState::kOnlineReplica);
}

void ReplicaStateMachine::to_non_existent(const PartitionAndReplica& replica) {
  const TopicPartition& tp = replica.topic_partition;
  ReplicaAssignment left = context_.partition_full_replica_assignment(tp);
  for (BrokerIds* ids : {&left.replicas, &left.adding, &left.removing}) {
    *ids = without(*ids, {replica.replica});
  }
  context_.update_partition_full_replica_assignment(tp, std::move(left));
}

void ReplicaStateMachine::to_offline(const Replicas& replicas, Batch& batch) {
  std::map<BrokerId, std::set<TopicPartition>> by_broker;
  for (const PartitionAndReplica& replica : replicas) {
    const TopicPartition& tp = replica.topic_partition;
    batch.add_stop_replica_request_for_brokers({replica.replica}, tp, /*delete_partition=*/false);
    if (context_.partition_leadership_info(tp) != nullptr) {
      by_broker[replica.replica].insert(tp);
    } else {
      set_state(replica, ReplicaState::kOfflineReplica);
    }
  }
  for (const auto& [id, partitions] : by_broker) {
    for (const TopicPartition& tp : remove_from_isr(id, partitions)) {
      set_state({tp, id}, ReplicaState::kOfflineReplica);
      if (context_.is_topic_queued_up_for_deletion(tp.topic)) continue;
      batch.add_leader_and_isr_request_for_brokers(
          without(context_.partition_replica_assignment(tp), {id}), tp, /*is_new=*/false);
    }
  }
}

std::set<TopicPartition> ReplicaStateMachine::remove_from_isr(BrokerId replica,
                                                              std::set<TopicPartition> partitions) {
  std::set<TopicPartition> removed;
  while (!partitions.empty()) partitions = try_to_remove_from_isr(replica, partitions, removed);
  return removed;
}

std::set<TopicPartition> ReplicaStateMachine::try_to_remove_from_isr(
    BrokerId replica, const std::set<TopicPartition>& partitions,
    std::set<TopicPartition>& removed) {
  PartitionStateStore::Changes changes;
  const PartitionStateStore::States states = store_.read({partitions.begin(), partitions.end()});
  for (const TopicPartition& tp : partitions) {
    const auto found = states.find(tp);
    if (found == states.end()) {
      if (context_.is_topic_queued_up_for_deletion(tp.topic)) {
        removed.insert(tp);  // gone already
      } else {
        refuse({tp, replica}, ReplicaState::kOfflineReplica, "no state in ZooKeeper");
      }
      continue;
    }
    const auto& [state, written_by] = found->second;
    if (written_by > context_.epoch && !config_.defects.ignore_controller_epoch) {
      refuse({tp, replica}, ReplicaState::kOfflineReplica, "state of a later controller");
    } else if (contains(state.isr, replica)) {
      changes[tp] = without_replica(state, replica);
    } else {
      context_.put_partition_leadership_info(tp, {state, context_.epoch});
      removed.insert(tp);
    }
  }
  if (changes.empty()) return {};
  const UpdateLeaderAndIsrResult result = store_.update(changes);
  for (const auto& [tp, written] : result.finished) {
    context_.put_partition_leadership_info(tp, {written, context_.epoch});
    removed.insert(tp);
    KS_TRACE(node_, "IsrChanged", {"partition", tp.to_string()}, {"isr", join(written.isr)},
             {"leader", written.leader}, {"leader_epoch", written.leader_epoch},
             {"partition_epoch", written.partition_epoch});
  }
  for (const auto& [tp, error] : result.failed) {
    refuse({tp, replica}, ReplicaState::kOfflineReplica, to_string(error).c_str());
  }
  return {result.to_retry.begin(), result.to_retry.end()};
}

}  // namespace kafkascope

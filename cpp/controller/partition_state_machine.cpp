#include "controller/partition_state_machine.h"

#include "common/logging.h"
#include "controller/broker_ids.h"
#include "runtime/metrics/meter.h"
#include "runtime/node.h"

namespace kafkascope {

using controller::PartitionState;

namespace {

/// A learner's selector may say anything; the brokers and the invariants rely on this.
std::string what_is_wrong(const SelectedLeader& selected, const PartitionElection& election) {
  if (selected.leader == election.current.leader && selected.isr == election.current.isr) return "";
  if (!contains(selected.isr, selected.leader)) return "is not in the ISR that it chose";
  // Replicas that a reassignment removes are in the ISR until they are stopped.
  const BrokerIds strangers = without(selected.isr, election.assignment.replicas);
  if (!without(strangers, election.current.isr).empty())
    return "comes with an ISR of brokers that are no replicas";
  return "";
}

}  // namespace

PartitionStateMachine::PartitionStateMachine(Node& node, const ControllerConfig& config,
                                             ControllerContext& context, PartitionStateStore& store,
                                             ControlRequestSender& sender,
                                             LeaderSelectors selectors, Meter& unclean_elections)
    : node_(node),
      config_(config),
      context_(context),
      store_(store),
      sender_(sender),
      selectors_(std::move(selectors)),
      unclean_elections_(unclean_elections) {}

void PartitionStateMachine::startup() {
  for (const TopicPartition& tp : context_.all_partitions()) {
    if (context_.partition_leadership_info(tp) == nullptr) {
      set_state(tp, PartitionState::kNewPartition);
    } else if (context_.is_replica_online(context_.leader_of(tp), tp)) {
      set_state(tp, PartitionState::kOnlinePartition);
    } else {
      set_state(tp, PartitionState::kOfflinePartition);
    }
  }
  trigger_online_partition_state_change();
}

PartitionStateMachine::Elections PartitionStateMachine::trigger_online_partition_state_change(
    const std::string* topic) {
  Partitions waiting;
  for (const TopicPartition& tp : context_.partitions_in_states(
           {PartitionState::kNewPartition, PartitionState::kOfflinePartition})) {
    if (topic != nullptr && tp.topic != *topic) continue;
    if (!context_.is_topic_queued_up_for_deletion(tp.topic)) waiting.insert(tp);
  }
  return elect_leaders(waiting, *selectors_.offline);
}

void PartitionStateMachine::handle_state_changes(const Partitions& partitions,
                                                 PartitionState target) {
  KS_CHECK(target != PartitionState::kOnlinePartition, "a leader is elected by elect_leaders");
  for (const TopicPartition& tp : valid_transitions(partitions, target)) set_state(tp, target);
}

PartitionStateMachine::Elections PartitionStateMachine::elect_leaders(
    const Partitions& partitions, const PartitionLeaderSelector& selector, bool allow_unclean) {
  ControllerBrokerRequestBatch batch(config_, context_);
  Partitions fresh, remaining;
  for (const TopicPartition& tp : valid_transitions(partitions, PartitionState::kOnlinePartition)) {
    (context_.partition_state(tp) == PartitionState::kNewPartition ? fresh : remaining).insert(tp);
  }
  initialize_leaders(fresh, batch);
  Elections elections;
  while (!remaining.empty()) {
    remaining = try_to_elect(remaining, selector, allow_unclean, batch, elections);
  }
  batch.send_requests_to_brokers(sender_);
  return elections;
}

PartitionStateMachine::Partitions PartitionStateMachine::valid_transitions(
    const Partitions& partitions, PartitionState target) {
  Partitions valid;
  for (const TopicPartition& tp : partitions) {
    const PartitionState from = context_.partition_state(tp);
    if (may_follow(from, target)) {
      valid.insert(tp);
      continue;
    }
    KS_LOG(kError, node_.name(), "partition {} may not go from {} to {}", tp.to_string(),
           to_string(from), to_string(target));
    KS_TRACE(node_, "TransitionRefused", {"partition", tp.to_string()},
             {"from", std::string(to_string(from))}, {"to", std::string(to_string(target))});
  }
  return valid;
}

void PartitionStateMachine::set_state(const TopicPartition& partition, PartitionState state) {
  const PartitionState from = context_.partition_state(partition);
  if (from == state) return;
  context_.put_partition_state(partition, state);
  KS_TRACE(node_, "PartitionStateChanged", {"partition", partition.to_string()},
           {"from", std::string(to_string(from))}, {"to", std::string(to_string(state))});
}

void PartitionStateMachine::initialize_leaders(const Partitions& partitions,
                                               ControllerBrokerRequestBatch& batch) {
  PartitionStateStore::States states;
  for (const TopicPartition& tp : partitions) {
    const BrokerIds live = filter(context_.partition_replica_assignment(tp),
                                  [&](BrokerId id) { return context_.is_replica_online(id, tp); });
    if (live.empty()) {
      KS_LOG(kError, node_.name(), "new partition {}: none of its replicas {} is alive",
             tp.to_string(), join(context_.partition_replica_assignment(tp)));
      continue;
    }
    states[tp] = {{.leader = live.front(), .isr = live}, context_.epoch};
  }
  if (states.empty()) return;
  const auto results = store_.create(states);
  const PartitionStateStore::States written = read_where_they_exist(results);
  for (const auto& [tp, error] : results) {
    // A connection may break when the state is written and not yet answered: the retry finds it.
    const auto found = written.find(tp);
    const bool is_ours = found != written.end() && found->second == states.at(tp);
    if (error != zk::ZkError::kOk && !is_ours) {
      KS_LOG(kError, node_.name(), "new partition {}: {}", tp.to_string(), to_string(error));
      continue;
    }
    context_.put_partition_leadership_info(tp, states.at(tp));
    const LeaderAndIsr& state = states.at(tp).leader_and_isr;
    batch.add_leader_and_isr_request_for_brokers(state.isr, tp, /*is_new=*/true);
    trace_leader(tp, state, "NewPartition");
    set_state(tp, PartitionState::kOnlinePartition);
  }
}

PartitionStateStore::States PartitionStateMachine::read_where_they_exist(
    const std::map<TopicPartition, zk::ZkError>& results) {
  std::vector<TopicPartition> existing;
  for (const auto& [tp, error] : results) {
    if (error == zk::ZkError::kNodeExists) existing.push_back(tp);
  }
  return existing.empty() ? PartitionStateStore::States{} : store_.read(existing);
}

PartitionStateMachine::Partitions PartitionStateMachine::try_to_elect(
    const Partitions& partitions, const PartitionLeaderSelector& selector, bool allow_unclean,
    ControllerBrokerRequestBatch& batch, Elections& elections) {
  const auto candidates = elections_of(partitions, allow_unclean, elections);
  std::map<TopicPartition, SelectedLeader> selected;
  PartitionStateStore::Changes changes;
  for (const auto& [tp, election] : candidates) {
    const std::optional<SelectedLeader> choice = selector.select_leader(election);
    if (!choice.has_value()) {
      refuse(elections, tp, std::string(selector.name()) + " found no replica that may lead");
      continue;
    }
    if (const std::string wrong = what_is_wrong(*choice, election); !wrong.empty()) {
      refuse(elections, tp, std::string(selector.name()) + "'s leader " + wrong);
      continue;
    }
    const LeaderAndIsr& now = election.current;
    changes[tp] = {choice->leader, now.leader_epoch + 1, choice->isr, now.partition_epoch};
    selected[tp] = *choice;
  }
  if (changes.empty()) return {};
  const UpdateLeaderAndIsrResult result = store_.update(changes);
  for (const auto& [tp, written] : result.finished) {
    on_leader_elected(candidates.at(tp), selected.at(tp), written, selector, batch);
    elections.insert_or_assign(tp, written);
  }
  for (const auto& [tp, error] : result.failed) refuse(elections, tp, to_string(error));
  return {result.to_retry.begin(), result.to_retry.end()};
}

std::map<TopicPartition, PartitionElection> PartitionStateMachine::elections_of(
    const Partitions& partitions, bool allow_unclean, Elections& elections) {
  std::map<TopicPartition, PartitionElection> candidates;
  std::set<std::string> topics_in_need;
  const PartitionStateStore::States states = store_.read({partitions.begin(), partitions.end()});
  for (const TopicPartition& tp : partitions) {
    const auto found = states.find(tp);
    if (found == states.end()) {
      refuse(elections, tp, "it has no state in ZooKeeper");
      continue;
    }
    if (found->second.controller_epoch > context_.epoch &&
        !config_.defects.ignore_controller_epoch) {
      refuse(elections, tp,
             "its state was written by a later controller, of epoch " +
                 std::to_string(found->second.controller_epoch));
      continue;
    }
    PartitionElection election = PartitionElection::of(context_, tp, found->second.leader_and_isr);
    election.unclean_leader_election_enabled = allow_unclean;
    const bool in_need = filter(election.current.isr, [&](BrokerId id) {
                           return election.online.count(id) > 0;
                         }).empty();
    if (in_need) topics_in_need.insert(tp.topic);
    candidates.emplace(tp, std::move(election));
  }
  if (allow_unclean || topics_in_need.empty()) return candidates;
  const std::set<std::string> unclean = store_.with_unclean_leader_election(topics_in_need);
  for (auto& [tp, election] : candidates) {
    election.unclean_leader_election_enabled = unclean.count(tp.topic) > 0;
  }
  return candidates;
}

void PartitionStateMachine::on_leader_elected(const PartitionElection& election,
                                              const SelectedLeader& selected,
                                              const LeaderAndIsr& written,
                                              const PartitionLeaderSelector& selector,
                                              ControllerBrokerRequestBatch& batch) {
  const TopicPartition& tp = election.partition;
  const bool unclean =
      written.leader != election.current.leader && !contains(election.current.isr, written.leader);
  if (unclean) {
    unclean_elections_.mark();
    KS_LOG(kWarn, node_.name(), "{}: unclean leader {}, ISR was {}", tp.to_string(), written.leader,
           join(election.current.isr));
  }
  context_.put_partition_leadership_info(tp, {written, context_.epoch});
  batch.add_leader_and_isr_request_for_brokers(selected.recipients, tp, /*is_new=*/false);
  batch.add_leader_and_isr_request_for_brokers(selected.new_recipients, tp, /*is_new=*/true);
  trace_leader(tp, written, unclean ? "unclean" : selector.name());
  // NoOpLeaderSelector may keep a leader that is dead.
  if (context_.is_replica_online(written.leader, tp))
    set_state(tp, PartitionState::kOnlinePartition);
}

void PartitionStateMachine::refuse(Elections& elections, const TopicPartition& partition,
                                   const std::string& why) {
  KS_LOG(kWarn, node_.name(), "no leader elected for {}: {}", partition.to_string(), why);
  elections.insert_or_assign(partition,
                             Error{ErrorCode::kEligibleLeadersNotAvailable,
                                   "no leader elected for " + partition.to_string() + ": " + why});
}

void PartitionStateMachine::trace_leader(const TopicPartition& partition, const LeaderAndIsr& state,
                                         const char* why) {
  KS_TRACE(node_, "LeaderElected", {"partition", partition.to_string()}, {"leader", state.leader},
           {"leader_epoch", state.leader_epoch}, {"isr", join(state.isr)},
           {"why", std::string(why)});
}

}  // namespace kafkascope

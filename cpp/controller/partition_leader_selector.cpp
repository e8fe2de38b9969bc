#include "controller/partition_leader_selector.h"

#include "controller/broker_ids.h"
#include "controller/controller_context.h"

namespace kafkascope {
namespace {

/// The first of `candidates` that the condition holds for.
template <typename Condition>
std::optional<BrokerId> first(const BrokerIds& candidates, Condition condition) {
  const auto found = std::find_if(candidates.begin(), candidates.end(), condition);
  if (found == candidates.end()) return std::nullopt;
  return *found;
}

BrokerIds online_replicas(const PartitionElection& election) {
  return filter(election.assignment.replicas,
                [&](BrokerId id) { return election.online.count(id) > 0; });
}

}  // namespace

PartitionElection PartitionElection::of(const ControllerContext& context,
                                        const TopicPartition& partition,
                                        const LeaderAndIsr& current) {
  PartitionElection election{partition, current};
  election.assignment = context.partition_full_replica_assignment(partition);
  election.shutting_down = context.shutting_down_broker_ids;
  for (BrokerId id : election.assignment.replicas) {
    if (context.is_replica_online(id, partition)) election.online.insert(id);
    if (context.is_replica_online(id, partition, true)) election.online_or_shutting_down.insert(id);
  }
  return election;
}

std::optional<SelectedLeader> NoOpLeaderSelector::select_leader(
    const PartitionElection& election) const {
  const ReplicaAssignment& assignment = election.assignment;
  return SelectedLeader{election.current.leader, election.current.isr,
                        without(assignment.replicas, assignment.adding), assignment.adding};
}

std::optional<SelectedLeader> OfflinePartitionLeaderSelector::select_leader(
    const PartitionElection& election) const {
  const BrokerIds online = online_replicas(election);
  const BrokerIds& isr = election.current.isr;
  if (const auto leader = first(online, [&](BrokerId id) { return contains(isr, id); })) {
    const BrokerIds online_isr =
        filter(isr, [&](BrokerId id) { return election.online.count(id) > 0; });
    return SelectedLeader{*leader, online_isr, online, {}};
  }
  if (!election.unclean_leader_election_enabled || online.empty()) return std::nullopt;
  return SelectedLeader{online.front(), {online.front()}, online, {}};
}

std::optional<SelectedLeader> ReassignedPartitionLeaderSelector::select_leader(
    const PartitionElection& election) const {
  const BrokerIds target = election.assignment.target_replicas();
  const BrokerIds& isr = election.current.isr;
  const auto leader = first(
      target, [&](BrokerId id) { return election.online.count(id) > 0 && contains(isr, id); });
  if (!leader.has_value()) return std::nullopt;
  return SelectedLeader{*leader, isr, target, {}};
}

std::optional<SelectedLeader> PreferredReplicaPartitionLeaderSelector::select_leader(
    const PartitionElection& election) const {
  const BrokerIds& replicas = election.assignment.replicas;
  const BrokerIds& isr = election.current.isr;
  if (replicas.empty() || election.online.count(replicas.front()) == 0) return std::nullopt;
  if (!contains(isr, replicas.front())) return std::nullopt;
  return SelectedLeader{replicas.front(), isr, replicas, {}};
}

std::optional<SelectedLeader> ControlledShutdownLeaderSelector::select_leader(
    const PartitionElection& election) const {
  const BrokerIds reachable = filter(election.assignment.replicas, [&](BrokerId id) {
    return election.online_or_shutting_down.count(id) > 0;
  });
  const BrokerIds staying = filter(
      election.current.isr, [&](BrokerId id) { return election.shutting_down.count(id) == 0; });
  const auto leader = first(reachable, [&](BrokerId id) { return contains(staying, id); });
  if (!leader.has_value()) return std::nullopt;
  return SelectedLeader{*leader, staying, reachable, {}};
}

}  // namespace kafkascope

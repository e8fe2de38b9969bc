#include "simulation/invariants/one_leader_per_epoch.h"

#include <fmt/core.h>

#include <utility>

#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string OneLeaderPerEpoch::check(const TraceEvent& event, Simulation&) {
  const std::string_view kind = event.kind;
  if (kind == "NodeCrashed" || kind == "BrokerStopped")
    std::erase_if(known_, [&](const auto& entry) { return entry.first.first == event.node; });
  if (kind == "LogDeleted") known_.erase(log_of(event));
  if (kind == "BecameLeader" || kind == "BecameFollower") return check_role(event);
  if (kind.starts_with("ZNode")) return check_states();
  return {};
}

std::string OneLeaderPerEpoch::check_role(const TraceEvent& event) {
  const LogName log = log_of(event);
  const auto epoch = static_cast<LeaderEpoch>(number(event, "epoch"));
  const auto [known, first] = known_.try_emplace(log, epoch);
  if (epoch < known->second)
    return fmt::format("{} on {}: epoch {} after {}", log.second, log.first, epoch, known->second);
  known->second = epoch;
  if (std::string_view(event.kind) != "BecameLeader") return {};
  const auto leader = leaders_.try_emplace({log.second, epoch}, log.first).first;
  if (leader->second == log.first) return {};
  return fmt::format("{}: {} and {} both lead in epoch {}", log.second, leader->second, log.first,
                     epoch);
}

std::string OneLeaderPerEpoch::check_states() {
  // A topic that is made anew begins anew.
  std::erase_if(states_, [&](const auto& entry) { return view_->find(entry.first) == nullptr; });
  std::erase_if(leaders_,
                [&](const auto& entry) { return view_->find(entry.first.first) == nullptr; });
  for (const auto& [partition, view] : view_->partitions()) {
    const auto [before, first] = states_.try_emplace(partition, view.state);
    const LeaderAndIsr was = std::exchange(before->second, view.state);
    const LeaderAndIsr& is = view.state;
    if (is.leader_epoch < was.leader_epoch)
      return fmt::format("{}: ZooKeeper has epoch {} after {}", partition, is.leader_epoch,
                         was.leader_epoch);
    if (is.leader_epoch == was.leader_epoch && is.leader != was.leader)
      return fmt::format("{}: ZooKeeper has leader {} after {} in epoch {}", partition, is.leader,
                         was.leader, is.leader_epoch);
  }
  return {};
}

}  // namespace kafkascope

#include "simulation/invariants/isr_within_replicas.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <utility>

#include "controller/broker_ids.h"
#include "replication/partition.h"
#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string IsrWithinReplicas::check(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind == "IsrChangeProposed" || kind == "IsrExpanded" || kind == "IsrShrunk")
    return check_leader(text(event, "partition"), simulation);
  if (!kind.starts_with("ZNode")) return {};
  for (const auto& [partition, view] : view_->partitions()) {
    if (std::exchange(checked_[partition], view.changed) == view.changed) continue;
    std::string wrong = check_state(partition);
    if (wrong.empty()) wrong = check_leader(partition, simulation);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

std::string IsrWithinReplicas::check_state(const std::string& partition) const {
  const LeaderAndIsr& state = view_->find(partition)->state;
  const std::vector<BrokerId> replicas = view_->replicas(partition);
  for (const BrokerId id : state.isr) {
    if (!replicas.empty() && !contains(replicas, id))
      return fmt::format("{}: {} is in the ISR {}, and not among the replicas {}", partition, id,
                         fmt::join(state.isr, ","), fmt::join(replicas, ","));
  }
  if (state.leader >= 0 && !contains(state.isr, state.leader))
    return fmt::format("{}: the leader {} is not in the ISR {}", partition, state.leader,
                       fmt::join(state.isr, ","));
  return {};
}

std::string IsrWithinReplicas::check_leader(const std::string& partition,
                                            Simulation& simulation) const {
  const auto* const view = view_->find(partition);
  if (view == nullptr || view->state.leader < 0) return {};
  const auto leader = running_partition(simulation, broker_node(view->state.leader), partition);
  if (leader == nullptr) return {};
  const PartitionDescription description = leader->describe();
  if (!description.is_leader || description.state.leader_epoch != view->state.leader_epoch)
    return {};
  for (const BrokerId id : view->state.isr) {
    if (!contains(description.maximal_isr, id))
      return fmt::format("{}: the controller's ISR is {}, and the leader waits for {} only",
                         partition, fmt::join(view->state.isr, ","),
                         fmt::join(description.maximal_isr, ","));
  }
  return {};
}

}  // namespace kafkascope

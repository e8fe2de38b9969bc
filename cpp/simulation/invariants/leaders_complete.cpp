#include "simulation/invariants/leaders_complete.h"

#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string LeadersComplete::check(const TraceEvent& event, Simulation&) {
  const std::string_view kind = event.kind;
  if (kind == "LogDeleted") checked_.erase(text(event, "partition"));
  if (kind != "BecameLeader") return {};
  const std::string& partition = text(event, "partition");
  const auto epoch = static_cast<LeaderEpoch>(number(event, "epoch"));
  const auto* const view = view_->find(partition);
  const auto* const committed = committed_->find(partition);
  // One whose time was over before it heard of it does no harm.
  if (view == nullptr || committed == nullptr || epoch < view->state.leader_epoch) return {};
  const auto [checked, first] = checked_.try_emplace(partition, epoch);
  if (!first && checked->second >= epoch) return {};
  checked->second = epoch;
  return committed_->missing(event.node, partition, 0, committed->high_watermark);
}

}  // namespace kafkascope

#include "simulation/invariants/candidates_complete.h"

#include <fmt/core.h>

#include "replication/partition.h"
#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string CandidatesComplete::check(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind == "HighWatermarkAdvanced" || kind == "LogTruncated" || kind == "IsrExpanded" ||
      kind == "IsrChanged" || kind == "LeaderElected")
    return check_partition(text(event, "partition"), simulation);
  return {};
}

std::string CandidatesComplete::check_partition(const std::string& partition,
                                                Simulation& simulation) const {
  const auto* const view = view_->find(partition);
  const auto* const committed = committed_->find(partition);
  if (view == nullptr || committed == nullptr) return {};
  for (const BrokerId id : view->state.isr) {
    const std::string node = broker_node(id);
    const auto replica = running_partition(simulation, node, partition);
    if (replica == nullptr || committed_->may_have_lost(node, partition)) continue;
    const Offset end = replica->log()->log_end_offset();
    if (end < committed->high_watermark)
      return fmt::format("{}: {} is in the ISR and ends at {}, and {} is committed", partition,
                         node, end, committed->high_watermark);
  }
  return {};
}

}  // namespace kafkascope

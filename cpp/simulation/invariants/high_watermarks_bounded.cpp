#include "simulation/invariants/high_watermarks_bounded.h"

#include <fmt/core.h>

#include <utility>

#include "replication/partition.h"
#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string HighWatermarksBounded::check(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind == "NodeCrashed" || kind == "BrokerStopped")
    std::erase_if(last_, [&](const auto& entry) { return entry.first.first == event.node; });
  if (kind != "HighWatermarkAdvanced") return {};
  const LogName log = log_of(event);
  const auto epoch = static_cast<LeaderEpoch>(number(event, "epoch"));
  const Offset offset = number(event, "offset");
  const auto before = std::exchange(last_[log], {epoch, offset});
  if (before.first == epoch && offset < before.second)
    return fmt::format("{} on {}: from {} to {} in epoch {}", log.second, log.first, before.second,
                       offset, epoch);
  const auto leader = running_partition(simulation, log.first, log.second);
  if (leader == nullptr || leader->leader_epoch() != epoch) return {};
  for (const BrokerId id : leader->describe().maximal_isr) {
    const std::string node = broker_node(id);
    const auto replica = running_partition(simulation, node, log.second);
    if (replica == nullptr || committed_->may_have_lost(node, log.second)) continue;
    const Offset end = replica->log()->log_end_offset();
    if (end < offset)
      return fmt::format("{}: the high watermark of {} is {}, and {} ends at {}", log.second,
                         log.first, offset, node, end);
  }
  return {};
}

}  // namespace kafkascope

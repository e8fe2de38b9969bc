#include "simulation/invariants/acknowledged_is_committed.h"

#include <fmt/core.h>

#include <algorithm>

#include "replication/partition.h"
#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string AcknowledgedIsCommitted::check(const TraceEvent& event, Simulation& simulation) {
  if (std::string_view(event.kind) != "RecordsAcknowledged") return {};
  const std::string& partition = text(event, "partition");
  const auto* const committed = committed_->find(partition);
  Offset high_watermark = committed == nullptr ? 0 : committed->high_watermark;
  // The thread that raises it may not have told of it yet.
  if (const auto leader = running_partition(simulation, event.node, partition))
    high_watermark = std::max(high_watermark, leader->log()->high_watermark());
  if (number(event, "last_offset") >= high_watermark)
    return fmt::format("{}: {} acknowledged {}, and only what is below {} is committed", partition,
                       event.node, number(event, "last_offset"), high_watermark);
  if (number(event, "in_sync") < number(event, "min_in_sync"))
    return fmt::format("{}: {} acknowledged {} with {} in sync, min.insync.replicas is {}",
                       partition, event.node, number(event, "last_offset"),
                       number(event, "in_sync"), number(event, "min_in_sync"));
  return {};
}

}  // namespace kafkascope

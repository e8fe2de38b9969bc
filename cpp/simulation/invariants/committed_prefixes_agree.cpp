#include "simulation/invariants/committed_prefixes_agree.h"

#include <algorithm>

#include "replication/partition.h"
#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string CommittedPrefixesAgree::check(const TraceEvent& event, Simulation& simulation) {
  view_->learn(event, simulation);
  committed_->learn(event);
  const std::string_view kind = event.kind;
  if (kind == "NodeCrashed" || kind == "BrokerStopped" || kind == "DiskReplaced")
    std::erase_if(compared_, [&](const auto& entry) { return entry.first.first == event.node; });
  if (kind == "LogTruncated" || kind == "LogDeleted") compared_.erase(log_of(event));
  // A log's event, of leaders and followers, and the leader's own, which makes records committed.
  if (kind != "HighWatermarkUpdated" && kind != "HighWatermarkAdvanced") return {};
  const LogName log = log_of(event);
  const auto* const committed = committed_->find(log.second);
  // What is appended while its directory goes offline is not seen.
  if (committed == nullptr || running_partition(simulation, log.first, log.second) == nullptr)
    return {};
  Offset& compared = compared_[log];
  const Offset until = std::min(number(event, "offset"), committed->high_watermark);
  std::string wrong = committed_->missing(log.first, log.second, compared, until);
  compared = std::max(compared, until);
  return wrong;
}

}  // namespace kafkascope

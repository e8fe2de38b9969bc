#include "simulation/explorer/coverage_marks.h"

#include "simulation/invariants/event_fields.h"

namespace kafkascope {
namespace {

/// The name of the mark that the event makes, or nothing.
std::string mark_of(const TraceEvent& event) {
  const std::string_view kind = event.kind;
  if (kind == "FetchingFailed" || kind == "FetchingDelayed") {
    const std::string& reason = text(event, "reason");
    if (reason.find("FENCED_LEADER_EPOCH") != std::string::npos) return "follower fenced";
    if (reason.find("UNKNOWN_LEADER_EPOCH") != std::string::npos)
      return "follower ahead of its leader";
    return "fetching failed";
  }
  if (kind == "DivergingEpochFound") return "diverging epoch answered";
  if (kind == "FollowerTruncated") return "follower truncated";
  if (kind == "IsrShrunk" || kind == "IsrExpanded" || kind == "IsrChanged") {
    return text(event, "isr").find(',') == std::string::npos ? "ISR of one"
           : kind == "IsrExpanded"                           ? "ISR expanded"
                                                             : "ISR shrunk";
  }
  if (kind == "ControllerElected")
    return number(event, "epoch") > 1 ? "controller failover" : std::string();
  if (kind == "PartitionStateChanged" && text(event, "to") == "OfflinePartition")
    return "partition offline";
  if (kind == "LeaderElected" && text(event, "why") == "unclean") return "unclean election";
  if (kind == "LeaderElected") return "leader elected by " + text(event, "why");
  if (kind == "ReassignmentCompleted") return "reassignment completed";
  if (kind == "SessionExpired") return "session expired";
  if (kind == "BrokerStopped") return "controlled shutdown";
  if (kind == "BrokerFailed") return "last log directory failed";
  if (kind == "TransitionRefused") return "transition refused";
  return {};
}

}  // namespace

std::string CoverageMarks::check(const TraceEvent& event, Simulation&) {
  const std::string mark = mark_of(event);
  if (!mark.empty()) ++marks_[mark];
  return {};
}

}  // namespace kafkascope

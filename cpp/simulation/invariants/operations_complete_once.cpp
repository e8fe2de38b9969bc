#include "simulation/invariants/operations_complete_once.h"

#include <fmt/core.h>

#include "simulation/invariants/event_fields.h"
#include "simulation/simulation.h"

namespace kafkascope {
namespace {

// A tick of the timer, and the rounding of the delay to one.
constexpr Duration kLatest = std::chrono::milliseconds(2);
// An expired operation may wait for a log's lock while others sync, and hold up those after it.
constexpr int kSyncsInTheWay = 20;

/// It has closed its doors, and may wait for others before it says that it stopped.
bool is_stopping(const std::string& node, Simulation& simulation) {
  return !simulation.is_running(node) || simulation.process(node).leaving;
}

}  // namespace

std::string OperationsCompleteOnce::check(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  const bool gone = kind == "NodeCrashed" || kind == "BrokerStopped";
  if (gone)
    std::erase_if(deadlines_, [&](const auto& entry) { return get<0>(entry.first) == event.node; });
  if (gone || kind == "NodePaused") {
    std::erase_if(by_deadline_,
                  [&](const auto& entry) { return get<0>(entry.second) == event.node; });
  }
  if (kind == "OperationWatched") {
    const Key key{event.node, text(event, "purgatory"), number(event, "number")};
    const Instant deadline = event.time + std::chrono::milliseconds(number(event, "delay_ms"));
    deadlines_[key] = deadline;
    by_deadline_.insert({deadline, key});
  }
  if (kind == "OperationCompleted") return completed(event);
  slowest_sync_ = std::max(slowest_sync_, simulation.runtime().disk(event.node).speed.sync);
  const Duration granted = kLatest + kSyncsInTheWay * slowest_sync_;
  while (!by_deadline_.empty() && by_deadline_.begin()->first + granted < event.time) {
    const auto [deadline, key] = *by_deadline_.begin();
    by_deadline_.erase(by_deadline_.begin());
    if (simulation.runtime().scheduler().paused(get<0>(key))) continue;
    if (is_stopping(get<0>(key), simulation)) continue;
    return fmt::format("{} operation {} of {} is {} ns late", get<1>(key), get<2>(key), get<0>(key),
                       (event.time - deadline).count());
  }
  return {};
}

std::string OperationsCompleteOnce::completed(const TraceEvent& event) {
  const Key key{event.node, text(event, "purgatory"), number(event, "number")};
  const auto found = deadlines_.find(key);
  const std::string which = fmt::format("{} operation {} of {} ({})", get<1>(key), get<2>(key),
                                        get<0>(key), text(event, "operation"));
  if (found == deadlines_.end()) return which + " completes for the second time";
  const Instant deadline = found->second;
  by_deadline_.erase({deadline, key});
  deadlines_.erase(found);
  if (field<bool>(event, "expired") && event.time < deadline)
    return fmt::format("{} expires {} ns early", which, (deadline - event.time).count());
  return {};
}

}  // namespace kafkascope

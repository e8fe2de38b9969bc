#include "simulation/invariants/answers_in_order.h"

#include <fmt/core.h>

#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string AnswersInOrder::check(const TraceEvent& event, Simulation&) {
  const std::string_view kind = event.kind;
  if (kind == "NodeCrashed" || kind == "BrokerStopped")
    std::erase_if(open_, [&](const auto& entry) { return entry.first.first == event.node; });
  if (kind != "RequestReceived" && kind != "ResponseSent") return {};
  const std::pair key{event.node, text(event, "connection")};
  const Asked now{text(event, "api"), number(event, "correlation_id")};
  const auto found = open_.find(key);
  if (kind == "RequestReceived") {
    // A connection is muted while its request is handled; only a produce with acks=0 has no answer.
    if (found != open_.end() && found->second.api != "PRODUCE") {
      return fmt::format("{}: {} {} was read before {} {} was answered", key.second, now.api,
                         now.correlation_id, found->second.api, found->second.correlation_id);
    }
    open_[key] = now;
    return {};
  }
  if (found == open_.end() || found->second.correlation_id != now.correlation_id) {
    return fmt::format(
        "{}: {} {} was answered, {} is open", key.second, now.api, now.correlation_id,
        found == open_.end() ? "nothing" : std::to_string(found->second.correlation_id));
  }
  open_.erase(found);
  return {};
}

}  // namespace kafkascope

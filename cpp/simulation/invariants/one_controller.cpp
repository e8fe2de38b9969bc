#include "simulation/invariants/one_controller.h"

#include <fmt/core.h>

#include <utility>

#include "simulation/invariants/event_fields.h"

namespace kafkascope {

std::string OneController::check(const TraceEvent& event, Simulation&) {
  const std::string_view kind = event.kind;
  if (kind == "ControllerElected") return check_elected(event);
  if (kind.starts_with("ZNode")) return check_states();
  if (kind == "AlterPartitionAnswered") {
    const bool accepted = text(event, "error") == "NONE";
    if (accepted && number(event, "broker_epoch") != number(event, "known_broker_epoch"))
      return fmt::format("{} heard broker {} of epoch {}, which lives in epoch {}", event.node,
                         number(event, "broker"), number(event, "broker_epoch"),
                         number(event, "known_broker_epoch"));
  }
  return {};
}

std::string OneController::check_elected(const TraceEvent& event) {
  const int64_t epoch = number(event, "epoch");
  if (!controllers_.empty() && controllers_.rbegin()->first > epoch)
    return fmt::format("{} is elected for epoch {}, and {} was for {}", event.node, epoch,
                       controllers_.rbegin()->second, controllers_.rbegin()->first);
  const auto controller = controllers_.try_emplace(epoch, event.node).first;
  if (controller->second == event.node) return {};
  return fmt::format("{} and {} are both controllers of epoch {}", controller->second, event.node,
                     epoch);
}

std::string OneController::check_states() {
  for (const auto& [partition, view] : view_->partitions()) {
    if (std::exchange(checked_[partition], view.changed) == view.changed) continue;
    // Written before the epoch grew.
    if (view.changed < view_->controller_epoch_changed()) continue;
    if (view.controller_epoch != view_->controller_epoch())
      return fmt::format("{}: its state was written by the controller of epoch {}, in epoch {}",
                         partition, view.controller_epoch, view_->controller_epoch());
  }
  return {};
}

}  // namespace kafkascope

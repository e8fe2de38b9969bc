#include "simulation/explorer/story.h"

#include <fmt/core.h>

namespace kafkascope {
namespace {

constexpr size_t kTail = 25;  // events shown with a failure

/// Says only that threads take turns.
bool is_chatter(const TraceEvent& event) {
  const std::string_view kind = event.kind;
  return kind == "WorkStarted" || kind == "WorkEnded" || kind == "TaskStarted";
}

}  // namespace

sim::Policy policy_of(uint64_t seed) {
  constexpr sim::Policy kAll[] = {sim::Policy::kRandom, sim::Policy::kPriorities,
                                  sim::Policy::kRoundRobin};
  return kAll[seed % 3];
}

std::string story_of(Simulation& simulation, const std::string& what) {
  std::string lines;
  size_t shown = 0;
  const auto& events = simulation.runtime().trace().events();
  for (auto event = events.rbegin(); event != events.rend() && shown < kTail; ++event) {
    if (is_chatter(*event)) continue;
    lines.insert(0, "  " + event->to_string() + "\n");
    ++shown;
  }
  return fmt::format("seed {}: {}\nlast events:\n{}", simulation.options().seed, what, lines);
}

}  // namespace kafkascope

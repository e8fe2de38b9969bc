// Journal: what was asked of a simulation from outside, and where in the run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/clock.h"

namespace kafkascope {

class Simulation;

/// A place in a run. Two runs of one seed and journal are in the same state at the same place.
struct Position {
  uint64_t ticks = 0;  // turns made and timers fired
  Instant time{};      // later than the last tick when somebody waited for time to pass
};

/// Something asked from outside. It holds copies of all it needs, so that a replay can do it again.
using Action = std::function<void(Simulation&)>;

struct JournalEntry {
  Position at;
  std::string what;  // for people: "producer-1: send"
  Action action;
};

using Journal = std::vector<JournalEntry>;

}  // namespace kafkascope

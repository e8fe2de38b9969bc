// All invariants.
#pragma once

#include "simulation/simulation.h"

namespace kafkascope {

/// Those that hold for each broker by itself, and, in a cluster, those that hold for all together.
void watch_all_invariants(Simulation& simulation);

}  // namespace kafkascope

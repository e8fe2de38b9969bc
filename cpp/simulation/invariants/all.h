// All invariants that hold for one broker.
#pragma once

#include "simulation/simulation.h"

namespace kafkascope {

void watch_all_invariants(Simulation& simulation);

}  // namespace kafkascope

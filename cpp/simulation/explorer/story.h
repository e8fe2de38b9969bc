// What explored runs share: how a seed chooses its schedule, and what is told of a failure.
#pragma once

#include <string>

#include "simulation/simulation.h"

namespace kafkascope {

/// The schedule of a seed: in turn, at random, by priorities.
sim::Policy policy_of(uint64_t seed);
/// What was violated, and the last events before.
std::string story_of(Simulation& simulation, const std::string& what);

}  // namespace kafkascope

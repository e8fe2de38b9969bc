// A disk recovered once more, on a machine of its own: what its logs are then.
#pragma once

#include <vector>

#include "log/log_description.h"
#include "simulation/simulation.h"

namespace kafkascope {

/// Copies the node's files to a scratch machine, as a crash without loss would leave them, lets a
/// LogManager recover them there, and describes each log.
std::vector<LogDescription> recover_again(Simulation& simulation, const std::string& node);

}  // namespace kafkascope

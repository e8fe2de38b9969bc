// The faults of a simulation, as methods of _core.Simulation.
#pragma once

#include <pybind11/pybind11.h>

#include "bindings/sim_host.h"

namespace kafkascope::bindings {

void define_faults(pybind11::class_<SimHost, std::shared_ptr<SimHost>>& cls);

}  // namespace kafkascope::bindings

// SimHost: a Simulation as Python calls into it, and how Python's objects travel in it.
#pragma once

#include <pybind11/pybind11.h>

#include <any>
#include <memory>
#include <optional>
#include <string>

#include "simulation/simulation.h"

namespace kafkascope::bindings {

/// Thrown instead of waiting, when the caller asked to start the call only. `_core.CallStarted`.
struct CallStarted {
  Simulation::CallId call;
};

class SimHost {
 public:
  explicit SimHost(std::unique_ptr<Simulation> simulation) : simulation_(std::move(simulation)) {}

  Simulation& simulation() { return *simulation_; }

  /// Starts the operation and turns until it has returned, or throws what it threw. Signals are
  /// seen. After start_next() throws CallStarted; after supply_next() it is that call.
  Simulation::CallId call(const std::string& node, const std::string& name,
                          Simulation::Operation operation);
  /// As call; what the operation returned.
  std::any run(const std::string& node, const std::string& name, Simulation::Operation operation);
  void start_next(bool on) { starting_ = on; }
  void supply_next(Simulation::CallId call) { supplied_ = call; }

  /// As Simulation's, with signals seen and the GIL released meanwhile.
  bool run_until(const std::function<bool()>& condition, Duration limit);
  void wait(Simulation::CallId call);

 private:
  std::unique_ptr<Simulation> simulation_;
  bool starting_ = false;
  std::optional<Simulation::CallId> supplied_;
};

/// A Python object that C++ closures may hold, copy and drop on any stack, but only touch on
/// Python's: the journal, which is Python's own, keeps it as long as the simulation lives.
using SharedObject = std::shared_ptr<pybind11::object>;
SharedObject share(pybind11::object object);

/// In virtual time, from the process's clock.
Instant deadline_in(Process& process, std::optional<double> timeout_s);

}  // namespace kafkascope::bindings

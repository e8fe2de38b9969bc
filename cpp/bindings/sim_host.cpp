#include "bindings/sim_host.h"

#include "bindings/host.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr int kTicksPerSlice = 5000;  // some milliseconds between two looks for signals
constexpr Duration kCallLimit = std::chrono::hours(1);

}  // namespace

Simulation::CallId SimHost::call(const std::string& node, const std::string& name,
                                 Simulation::Operation operation) {
  if (supplied_) return *std::exchange(supplied_, std::nullopt);
  const Simulation::CallId call = simulation_->start(node, name, std::move(operation));
  if (std::exchange(starting_, false)) throw CallStarted{call};
  wait(call);
  (void)simulation_->result(call);  // throws what it threw
  return call;
}

std::any SimHost::run(const std::string& node, const std::string& name,
                      Simulation::Operation operation) {
  return simulation_->result(call(node, name, std::move(operation)));
}

void SimHost::wait(Simulation::CallId call) {
  if (!run_until([&] { return simulation_->done(call); }, kCallLimit))
    simulation_->wait(call, Duration::zero());  // says why
}

bool SimHost::run_until(const std::function<bool()>& condition, Duration limit) {
  const Instant end = deadline_after(simulation_->position().time, limit);
  for (;;) {
    int ticks = 0;
    {
      const py::gil_scoped_release released;
      const auto pause = [&] { return condition() || ++ticks > kTicksPerSlice; };
      simulation_->run_until(pause, end - simulation_->position().time);
    }
    if (condition()) return true;
    if (ticks <= kTicksPerSlice) return false;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

SharedObject share(py::object object) {
  return {new py::object(std::move(object)), [](py::object* held) {
            const py::gil_scoped_acquire acquired;
            delete held;
          }};
}

Instant deadline_in(Process& process, std::optional<double> timeout_s) {
  return deadline_after(process.node->clock().monotonic(), seconds(timeout_s));
}

}  // namespace kafkascope::bindings

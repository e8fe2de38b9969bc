// explore_cluster: one seed's run of a cluster under faults.
#include <pybind11/stl.h>

#include "bindings/init.h"
#include "simulation/explorer/cluster_explorer.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::dict explore(uint64_t seed, int brokers, bool faults) {
  ClusterExplorerReport report;
  {
    py::gil_scoped_release release;
    report = explore_cluster({.seed = seed, .brokers = brokers, .faults = faults});
  }
  py::dict result;
  result["seed"] = report.seed;
  result["failure"] = report.failure;
  result["brokers"] = report.brokers;
  result["turns"] = report.turns;
  result["digest"] = report.digest;
  result["seconds"] = std::chrono::duration<double>(report.simulated).count();
  result["acknowledged"] = report.acknowledged;
  result["polled"] = report.polled;
  result["faults"] = report.faults;
  result["marks"] = report.marks;
  return result;
}

}  // namespace

void init_explorer(py::module_& m) {
  m.def("explore_cluster", &explore, py::arg("seed"), py::kw_only(), py::arg("brokers") = 0,
        py::arg("faults") = true,
        "One seed's run of a cluster and its clients under faults, every invariant watched.\n\n"
        "`failure` says what was violated; empty: nothing. brokers=0: the seed decides.");
}

}  // namespace kafkascope::bindings

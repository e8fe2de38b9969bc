// Logs: a partition's directory, as it lies on disk.
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/log_dicts.h"
#include "log/log_reader.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::dict read_log(const std::string& dir) {
  LogDescription log;
  {
    const py::gil_scoped_release released;
    log = read_log_directory(make_real_node("reader")->files(), dir);
  }
  return log_to_dict(log);
}

}  // namespace

void init_log(py::module_& m) {
  m.def("read_log_directory", &read_log, py::arg("dir"), "What a partition's directory holds.");
}

}  // namespace kafkascope::bindings

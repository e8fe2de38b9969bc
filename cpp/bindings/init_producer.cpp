// Producer and FutureRecordMetadata in Python.
#include <pybind11/stl.h>

#include "bindings/client_dicts.h"
#include "bindings/future_object.h"
#include "bindings/init.h"
#include "bindings/producer_send.h"

namespace py = pybind11;

namespace kafkascope::bindings {

void init_producer(py::module_& m) {
  define_future(m);
  py::class_<Producer>(m, "Producer")
      .def(py::init<const ConfigMap&, const py::object&>(), py::arg("config"),
           py::arg("partitioner") = py::none())
      .def("bootstrap", &Producer::bootstrap)
      .def_property_readonly(
          "send", [](const py::object& self) { return make_send(self.cast<Producer&>(), self); },
          "The function that sends: fetch it once.")
      .def("flush", &Producer::flush, py::arg("timeout") = py::none())
      .def("partitions_for", &Producer::partitions_for, py::arg("topic"))
      .def("connected", &Producer::connected)
      .def("metrics", [](Producer& p) { return metrics_to_dict(p.core().metrics()); })
      .def("to_dict", [](Producer& p) { return producer_to_dict(p.core().describe()); })
      .def("close", &Producer::close, py::arg("timeout") = py::none())
      .def_property_readonly("client_id", [](Producer& p) { return p.core().client_id(); });
}

}  // namespace kafkascope::bindings

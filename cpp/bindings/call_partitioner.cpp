#include "bindings/call_partitioner.h"

#include <pybind11/stl.h>

#include "bindings/casters.h"

namespace py = pybind11;

namespace kafkascope::bindings {

PartitionIndex call_partitioner(const py::object& function, std::string_view topic,
                                std::optional<ByteView> key, const Cluster& cluster) {
  std::vector<PartitionIndex> all;
  for (const PartitionInfo& info : cluster.partitions_for(topic)) all.push_back(info.partition);
  const py::object bytes = key ? py::object(to_bytes(*key)) : py::none();
  const py::object chosen = function(bytes, all, cluster.available_partitions(topic));
  const long long number = PyLong_Check(chosen.ptr()) ? PyLong_AsLongLong(chosen.ptr()) : -1;
  if (PyErr_Occurred() == nullptr && PyLong_Check(chosen.ptr()) && number == int32_t(number))
    return static_cast<PartitionIndex>(number);
  PyErr_Clear();
  PyErr_Format(PyExc_TypeError,
               "the partitioner returned %R for topic %s: expected the number of a partition, int",
               chosen.ptr(), std::string(topic).c_str());
  throw py::error_already_set();
}

}  // namespace kafkascope::bindings

// A Python function as a partitioner.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <string_view>

#include "clients/cluster.h"

namespace kafkascope::bindings {

/// function(key or None, all partitions, available partitions). With the GIL. Throws
/// py::error_already_set: what it raised, or TypeError when what it returned is no int.
PartitionIndex call_partitioner(const pybind11::object& function, std::string_view topic,
                                std::optional<ByteView> key, const Cluster& cluster);

}  // namespace kafkascope::bindings

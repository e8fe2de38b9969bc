// Between Python's objects and the core's values.
#pragma once

#include <pybind11/pybind11.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "clients/producer/producer_record.h"
#include "common/types.h"
#include "protocol/dissect.h"
#include "protocol/json_value.h"

namespace kafkascope::bindings {

pybind11::object to_python(const protocol::JsonValue& value);
/// Raises TypeError for an object that JSON has no place for.
protocol::JsonValue from_python(const pybind11::handle& object);

/// As kafkascope.structs.RecordMetadata.
pybind11::object to_python(const RecordMetadata& metadata);
/// As the class of kafkascope.errors for its code.
pybind11::object to_exception(const Error& error);

/// (topic, partition), as Python hands it over.
using PythonPartition = std::pair<std::string, int32_t>;
inline TopicPartition to_partition(const PythonPartition& pair) {
  return {pair.first, pair.second};
}
inline PythonPartition to_pair(const TopicPartition& partition) {
  return {partition.topic, partition.partition};
}

inline pybind11::bytes to_bytes(ByteView view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

}  // namespace kafkascope::bindings

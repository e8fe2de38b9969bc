#include "bindings/casters.h"

namespace py = pybind11;

namespace kafkascope::bindings {

using protocol::JsonArray;
using protocol::JsonObject;
using protocol::JsonValue;

py::object to_python(const JsonValue& value) {
  struct Visitor {
    py::object operator()(std::nullptr_t) const { return py::none(); }
    py::object operator()(bool v) const { return py::bool_(v); }
    py::object operator()(int64_t v) const { return py::int_(v); }
    py::object operator()(double v) const { return py::float_(v); }
    py::object operator()(const std::string& v) const { return py::str(v); }
    py::object operator()(const JsonArray& v) const {
      py::list list;
      for (const JsonValue& element : v) list.append(to_python(element));
      return list;
    }
    py::object operator()(const JsonObject& v) const {
      py::dict dict;
      for (const auto& [name, element] : v) dict[py::str(name)] = to_python(element);
      return dict;
    }
  };
  return std::visit(Visitor{}, value.value);
}

JsonValue from_python(const py::handle& object) {
  if (object.is_none()) return nullptr;
  if (py::isinstance<py::bool_>(object)) return object.cast<bool>();
  if (py::isinstance<py::int_>(object)) return object.cast<int64_t>();
  if (py::isinstance<py::float_>(object)) return object.cast<double>();
  if (py::isinstance<py::str>(object)) return object.cast<std::string>();
  if (py::isinstance<py::dict>(object)) {
    JsonObject fields;
    for (const auto& [name, value] : py::reinterpret_borrow<py::dict>(object)) {
      fields.emplace_back(name.cast<std::string>(), from_python(value));
    }
    return fields;
  }
  if (py::isinstance<py::sequence>(object) && !py::isinstance<py::bytes>(object)) {
    JsonArray elements;
    for (const py::handle& element : py::reinterpret_borrow<py::sequence>(object)) {
      elements.push_back(from_python(element));
    }
    return elements;
  }
  throw py::type_error("expected None, bool, int, float, str, list or dict; got " +
                       py::str(py::type::of(object)).cast<std::string>() +
                       " (bytes go as base64 text)");
}

py::object to_python(const RecordMetadata& metadata) {
  const py::module_ structs = py::module_::import("kafkascope.structs");
  const py::object partition = structs.attr("TopicPartition")(metadata.topic_partition.topic,
                                                              metadata.topic_partition.partition);
  const py::object timestamp =
      metadata.timestamp == kNoTimestamp ? py::none() : py::object(py::int_(metadata.timestamp));
  return structs.attr("RecordMetadata")(
      metadata.topic_partition.topic, metadata.topic_partition.partition, partition,
      metadata.offset, timestamp, py::none(), metadata.serialized_key_size,
      metadata.serialized_value_size, -1);
}

py::object to_exception(const Error& error) {
  const py::module_ errors = py::module_::import("kafkascope.errors");
  const py::object type = error.code == ErrorCode::kRequestTimedOut
                              ? errors.attr("KafkaTimeoutError")
                              : errors.attr("for_code")(static_cast<int>(error.code));
  return type(error.message);
}

}  // namespace kafkascope::bindings

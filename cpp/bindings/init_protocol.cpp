// The wire protocol: encode, decode, dissect.
#include <pybind11/stl.h>

#include "bindings/casters.h"
#include "bindings/init.h"
#include "protocol/json.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

using namespace protocol;  // NOLINT: this file is about the protocol

py::dict node_to_dict(const DissectNode& node, ByteView all) {
  constexpr size_t kMaxHex = 64;
  py::dict dict;
  dict["name"] = node.name;
  dict["type"] = node.type;
  dict["begin"] = node.begin;
  dict["end"] = node.end;
  const bool holds_others = std::holds_alternative<JsonArray>(node.value.value) ||
                            std::holds_alternative<JsonObject>(node.value.value) ||
                            std::holds_alternative<std::nullptr_t>(node.value.value);
  dict["value"] = holds_others ? py::object(py::str("")) : to_python(node.value);
  const ByteView own = all.subspan(node.begin, std::min(node.end - node.begin, kMaxHex));
  dict["hex"] = node.children.empty() ? to_bytes(own).attr("hex")() : py::str("");
  py::list children;
  for (const DissectNode& child : node.children) children.append(node_to_dict(child, all));
  dict["children"] = children;
  return dict;
}

py::dict dissect(const std::string& frame,
                 const std::optional<std::pair<std::string, int16_t>>& response_to) {
  const ByteView bytes = as_bytes(frame);
  if (!response_to) return node_to_dict(dissect_frame(bytes), bytes);
  const auto& [name, version] = *response_to;
  const std::string full = name.ends_with("Response") ? name : name + "Response";
  const MessageSchema& schema = require_message(full, version);
  return node_to_dict(dissect_frame(bytes, &schema, version), bytes);
}

std::map<std::string, std::pair<int16_t, int16_t>> messages() {
  std::map<std::string, std::pair<int16_t, int16_t>> found;
  for (const MessageSchema* schema : all_messages())
    found[schema->name] = {schema->versions.low, schema->versions.high};
  return found;
}

/// Of __cluster_metadata: type number -> name.
std::map<int16_t, std::string> metadata_records() {
  std::map<int16_t, std::string> found;
  for (const MessageSchema* schema : all_messages()) {
    if (schema->kind == MessageKind::kMetadata) found[schema->api_key] = schema->name;
  }
  return found;
}

}  // namespace

void init_protocol(py::module_& m) {
  m.def("protocol_messages", &messages, "Name to lowest and highest version.");
  m.def("protocol_metadata_records", &metadata_records, "Type number to name.");
  m.def(
      "protocol_encode",
      [](const std::string& name, int16_t version, const py::dict& value) {
        return to_bytes(json_encode(require_message(name, version), version, from_python(value)));
      },
      py::arg("name"), py::arg("version"), py::arg("value"));
  m.def(
      "protocol_decode",
      [](const std::string& name, int16_t version, const py::bytes& data) {
        const std::string_view bytes = data;
        return py::dict(
            to_python(json_decode(require_message(name, version), version, as_bytes(bytes))));
      },
      py::arg("name"), py::arg("version"), py::arg("data"));
  m.def(
      "protocol_dissect",
      [](const py::bytes& frame,
         const std::optional<std::pair<std::string, int16_t>>& response_to) {
        return dissect(frame, response_to);
      },
      py::arg("frame"), py::arg("response_to") = py::none());
}

}  // namespace kafkascope::bindings

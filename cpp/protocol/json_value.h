// JsonValue: a message as a tree of plain values, between bytes and Python's dicts.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kafkascope::protocol {

struct JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<std::pair<std::string, JsonValue>>;  // in the order of the wire

/// Null, bool, integer (never through a double), double, string, array or object.
struct JsonValue {
  std::variant<std::nullptr_t, bool, int64_t, double, std::string, JsonArray, JsonObject> value =
      nullptr;

  JsonValue() = default;
  template <typename T>
  JsonValue(T v) : value(std::move(v)) {}  // NOLINT: meant to convert

  bool operator==(const JsonValue&) const = default;
};

}  // namespace kafkascope::protocol

// What the readers and writers of znodes share.
#pragma once

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

#include "common/errors.h"
#include "zookeeper/zk_types.h"

namespace kafkascope::zk_json {

using Json = nlohmann::ordered_json;  // keys stay in the order of writing

inline std::string text_of(const zk::Data& data) {
  return data ? to_string(ByteView(*data)) : std::string();
}

/// Reads a znode's JSON by `read`. Throws SerializationException with what is in the znode when it
/// is no JSON, or not of the shape that `read` wants.
template <typename Read>
auto parsed(const char* what, const zk::Data& data, Read read) {
  const std::string text = text_of(data);
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& failure) {
    throw SerializationException(std::string(what) + ": not what Kafka writes there: \"" +
                                 text.substr(0, 200) + "\" (" + failure.what() + ")");
  }
}

/// A number that stands there as such or, as in keys and old versions, as text. Throws
/// SerializationException.
template <typename Number>
Number number_of(const char* what, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw SerializationException(std::string(what) + ": \"" + std::string(text.substr(0, 40)) +
                                 "\" is no number");
  }
  return value;
}

}  // namespace kafkascope::zk_json

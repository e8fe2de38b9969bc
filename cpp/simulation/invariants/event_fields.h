// Reading the fields of trace events.
#pragma once

#include <string>

#include "common/check.h"
#include "runtime/trace.h"

namespace kafkascope {

/// Null when the event has no such field.
inline const TraceValue* find_field(const TraceEvent& event, std::string_view name) {
  for (const auto& [key, value] : event.fields) {
    if (key == name) return &value;
  }
  return nullptr;
}

template <typename T>
const T& field(const TraceEvent& event, std::string_view name) {
  if (const TraceValue* const value = find_field(event, name)) return std::get<T>(*value);
  KS_CHECK(false, std::string(event.kind) + " has no field " + std::string(name));
}

inline int64_t number(const TraceEvent& event, std::string_view name) {
  return field<int64_t>(event, name);
}
inline const std::string& text(const TraceEvent& event, std::string_view name) {
  return field<std::string>(event, name);
}

}  // namespace kafkascope

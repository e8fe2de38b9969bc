#include "runtime/trace.h"

#include <fmt/core.h>

#include <algorithm>

namespace kafkascope {

bool TraceEvent::matches(std::string_view wanted_kind, const TraceFields& wanted) const {
  if (kind != wanted_kind) return false;
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& asked) {
    return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
      return std::string_view(field.first) == asked.first && field.second == asked.second;
    });
  });
}

std::string TraceEvent::to_string() const {
  const double seconds = std::chrono::duration<double>(time).count();
  std::string line = fmt::format("{:.6f} {} / {} {}", seconds, node, thread, kind);
  for (const auto& [name, value] : fields) {
    line += fmt::format(" {}=", name);
    std::visit([&](const auto& held) { line += fmt::format("{}", held); }, value);
  }
  return line;
}

}  // namespace kafkascope

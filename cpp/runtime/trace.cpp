#include "runtime/trace.h"

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

}  // namespace kafkascope

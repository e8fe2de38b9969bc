#include "protocol/schema.h"

#include <algorithm>

namespace kafkascope::protocol {

const MessageSchema* find_message(std::string_view name) {
  const auto all = all_messages();
  const auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const MessageSchema* schema, std::string_view n) { return schema->name < n; });
  return found != all.end() && (*found)->name == name ? *found : nullptr;
}

const MessageSchema* find_message(MessageKind kind, int16_t api_key) {
  for (const MessageSchema* schema : all_messages()) {
    if (schema->kind == kind && schema->api_key == api_key) return schema;
  }
  return nullptr;
}

}  // namespace kafkascope::protocol

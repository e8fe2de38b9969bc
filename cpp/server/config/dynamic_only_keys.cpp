#include "server/config/dynamic_only_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "common/errors.h"

namespace kafkascope {

bool is_dynamic_only(std::string_view key) {
  return std::find(kDynamicOnlyKeys.begin(), kDynamicOnlyKeys.end(), key) != kDynamicOnlyKeys.end();
}

std::optional<int64_t> dynamic_only_value(const ConfigMap& configs, std::string_view key) {
  const auto found = configs.find(std::string(key));
  if (found == configs.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t value = -1;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, value).ptr != end || value < 0)
    throw ConfigException(fmt::format("{}={}: expected a number of bytes per second", key, text));
  return value;
}

}  // namespace kafkascope

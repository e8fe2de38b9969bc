#include "common/abstract_config.h"

#include <fmt/core.h>

#include "common/check.h"

namespace kafkascope {

const ConfigValue& AbstractConfig::get(std::string_view name) const {
  const auto at = values_.find(name);
  KS_CHECK(at != values_.end(), fmt::format("configuration {} is not defined", name));
  return at->second;
}

template <typename T>
const T& AbstractConfig::typed(std::string_view name) const {
  const ConfigValue& value = get(name);
  const T* typed_value = std::get_if<T>(&value);
  KS_CHECK(typed_value != nullptr,
           fmt::format("configuration {} = {} is null or of another type than asked for", name,
                       config_value_text(value)));
  return *typed_value;
}

bool AbstractConfig::get_boolean(std::string_view name) const { return typed<bool>(name); }

int16_t AbstractConfig::get_short(std::string_view name) const {
  return static_cast<int16_t>(typed<int64_t>(name));
}

int32_t AbstractConfig::get_int(std::string_view name) const {
  return static_cast<int32_t>(typed<int64_t>(name));
}

int64_t AbstractConfig::get_long(std::string_view name) const { return typed<int64_t>(name); }

double AbstractConfig::get_double(std::string_view name) const { return typed<double>(name); }

const std::string& AbstractConfig::get_string(std::string_view name) const {
  return typed<std::string>(name);
}

const ConfigList& AbstractConfig::get_list(std::string_view name) const {
  return typed<ConfigList>(name);
}

std::optional<int64_t> AbstractConfig::find_long(std::string_view name) const {
  if (is_null(name)) return std::nullopt;
  return get_long(name);
}

std::optional<std::string> AbstractConfig::find_string(std::string_view name) const {
  if (is_null(name)) return std::nullopt;
  return get_string(name);
}

}  // namespace kafkascope

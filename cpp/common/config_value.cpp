#include "common/config_value.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kTypeNames{{
    {"boolean", "BOOLEAN"},
    {"short", "SHORT"},
    {"int", "INT"},
    {"long", "LONG"},
    {"double", "DOUBLE"},
    {"string", "STRING"},
    {"list", "LIST"},
    {"class", "CLASS"},
    {"password", "PASSWORD"},
}};

std::string not_a_number(ConfigType type) {
  return fmt::format("Not a number of type {}", config_type_name(type));
}

std::pair<int64_t, int64_t> limits_of(ConfigType type) {
  if (type == ConfigType::kShort) return {INT16_MIN, INT16_MAX};
  if (type == ConfigType::kInt) return {INT32_MIN, INT32_MAX};
  return {INT64_MIN, INT64_MAX};
}

ConfigValue parse_integer(std::string_view name, ConfigType type, std::string_view text) {
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const char* start = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [stop, error] = std::from_chars(start, end, value);
  const auto [lowest, highest] = limits_of(type);
  if (error != std::errc() || stop != end || value < lowest || value > highest) {
    throw_invalid_config(name, text, not_a_number(type));
  }
  return value;
}

ConfigValue parse_double(std::string_view name, std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    throw_invalid_config(name, text, not_a_number(ConfigType::kDouble));
  }
  return value;
}

ConfigValue parse_boolean(std::string_view name, std::string_view text) {
  if (equals_ignore_case(text, "true")) return true;
  if (equals_ignore_case(text, "false")) return false;
  throw_invalid_config(name, text, "Expected value to be either true or false");
}

ConfigList parse_list(std::string_view text) {
  ConfigList items;
  if (text.empty()) return items;
  for (std::string_view item : split(text, ',')) items.emplace_back(trim(item));
  return items;
}

struct ToText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    std::string text = fmt::format("{}", value);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const ConfigList& items) const { return join(items, ","); }
};

}  // namespace

ConfigType parse_config_type(std::string_view word) {
  for (size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i].first == word) return static_cast<ConfigType>(i);
  }
  throw ConfigException(fmt::format("{} is not a configuration type", word));
}

std::string_view config_type_name(ConfigType type) {
  return kTypeNames[static_cast<size_t>(type)].second;
}

ConfigValue parse_config_value(std::string_view name, ConfigType type, std::string_view text) {
  const std::string_view trimmed = trim(text);
  switch (type) {
    case ConfigType::kBoolean:
      return parse_boolean(name, trimmed);
    case ConfigType::kShort:
    case ConfigType::kInt:
    case ConfigType::kLong:
      return parse_integer(name, type, trimmed);
    case ConfigType::kDouble:
      return parse_double(name, trimmed);
    case ConfigType::kList:
      return parse_list(trimmed);
    case ConfigType::kString:
    case ConfigType::kClass:
    case ConfigType::kPassword:
      break;
  }
  return std::string(trimmed);
}

std::string config_value_text(const ConfigValue& value) { return std::visit(ToText{}, value); }

void throw_invalid_config(std::string_view name, std::string_view value, std::string_view reason) {
  throw ConfigException(
      fmt::format("Invalid value {} for configuration {}: {}", value, name, reason));
}

}  // namespace kafkascope

// ConfigValue: one typed configuration value, and how text becomes one (Kafka's ConfigDef.Type).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kafkascope {

enum class ConfigType { kBoolean, kShort, kInt, kLong, kDouble, kString, kList, kClass, kPassword };

using ConfigList = std::vector<std::string>;
/// Null is monostate; short, int and long are int64_t; string, class and password are std::string.
using ConfigValue = std::variant<std::monostate, bool, int64_t, double, std::string, ConfigList>;

/// "int" -> kInt. Throws ConfigException for a word that is no type.
ConfigType parse_config_type(std::string_view word);
/// "INT", as DescribeConfigs' documentation and Kafka's messages write it.
std::string_view config_type_name(ConfigType type);

/// The value that `text` stands for, spaces around it ignored. Throws ConfigException naming the
/// key, the text and what would be right ("Invalid value x for configuration linger.ms: Not a
/// number of type LONG").
ConfigValue parse_config_value(std::string_view name, ConfigType type, std::string_view text);

/// The text that parses to this value again; "null" for null. Shows passwords: see
/// ConfigDef::describe.
std::string config_value_text(const ConfigValue& value);

/// Throws Kafka's "Invalid value V for configuration K: reason".
[[noreturn]] void throw_invalid_config(std::string_view name, std::string_view value,
                                       std::string_view reason);

}  // namespace kafkascope

#include "common/config_def.h"

#include <fmt/core.h>

#include "common/abstract_config.h"
#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

void validate(const ConfigKey& key, const ConfigValue& value) {
  if (!key.validator.check) return;
  const std::string reason = key.validator.check(value);
  if (!reason.empty()) throw_invalid_config(key.name, config_value_text(value), reason);
}

}  // namespace

std::string_view importance_name(ConfigImportance importance) {
  switch (importance) {
    case ConfigImportance::kHigh:
      return "high";
    case ConfigImportance::kMedium:
      return "medium";
    case ConfigImportance::kLow:
      break;
  }
  return "low";
}

ConfigDef& ConfigDef::define(ConfigKey key) {
  if (keys_.contains(key.name)) {
    throw ConfigException(fmt::format("Configuration {} is defined twice", key.name));
  }
  if (!key.required) validate(key, key.default_value);
  std::string name = key.name;
  keys_.emplace(std::move(name), std::move(key));
  return *this;
}

ConfigDef& ConfigDef::document(std::string_view name, std::string text) {
  const auto at = keys_.find(name);
  if (at == keys_.end()) throw ConfigException(unknown_key_message(name));
  at->second.documentation = std::move(text);
  return *this;
}

const ConfigKey* ConfigDef::find(std::string_view name) const {
  const auto at = keys_.find(name);
  return at == keys_.end() ? nullptr : &at->second;
}

AbstractConfig ConfigDef::parse(const ConfigMap& given, UnknownKeys unknown) const {
  std::vector<std::string> unused;
  for (const auto& [name, text] : given) {
    if (keys_.contains(name)) continue;
    if (unknown == UnknownKeys::kReject) throw ConfigException(unknown_key_message(name));
    unused.push_back(name);
  }
  std::map<std::string, ConfigValue, std::less<>> values;
  for (const auto& [name, key] : keys_) {
    if (const auto at = given.find(name); at != given.end()) {
      values[name] = parse_value(name, at->second);
    } else if (key.required) {
      throw ConfigException(
          fmt::format("Missing required configuration \"{}\" which has no default value.", name));
    } else {
      values[name] = key.default_value;
    }
  }
  return {std::move(values), given, std::move(unused)};
}

ConfigValue ConfigDef::parse_value(std::string_view name, std::string_view text) const {
  const ConfigKey* key = find(name);
  if (key == nullptr) throw ConfigException(unknown_key_message(name));
  ConfigValue value = parse_config_value(name, key->type, text);
  validate(*key, value);
  return value;
}

std::string ConfigDef::unknown_key_message(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& [known, key] : keys_) {
    if (!key.internal) names.push_back(known);
  }
  const std::string_view meant = closest(name, names);
  std::string message = fmt::format("{}: unknown configuration key", name);
  if (!meant.empty()) message += fmt::format("; did you mean {}?", meant);
  return message;
}

std::string ConfigDef::describe(const ConfigKey& key, const ConfigValue& value) const {
  const bool secret = key.type == ConfigType::kPassword && value.index() != 0;
  return secret ? "[hidden]" : config_value_text(value);
}

}  // namespace kafkascope

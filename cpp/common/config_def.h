// ConfigDef: the keys that a component accepts, with type, default, check and documentation
// (Kafka's ConfigDef).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_validator.h"
#include "common/config_value.h"

namespace kafkascope {

class AbstractConfig;

enum class ConfigImportance { kHigh, kMedium, kLow };
/// "high"
std::string_view importance_name(ConfigImportance importance);

/// One key. Plain data: whoever defines it fills in what it knows.
struct ConfigKey {
  std::string name;
  ConfigType type = ConfigType::kString;
  bool required = false;      // has no default
  ConfigValue default_value;  // null where Kafka's is null
  ConfigValidator validator;
  ConfigImportance importance = ConfigImportance::kMedium;
  std::string documentation;
  std::string unit;         // "ms", "bytes"; empty where the number has none
  std::string update_mode;  // broker keys: "read-only", "per-broker", "cluster-wide"
  std::string
      broker_synonyms;    // topic keys: the broker's keys that give the default, nearest first
  bool internal = false;  // not shown to users
};

using ConfigMap = std::map<std::string, std::string>;

/// A table of keys, ordered by name. A value: build it once, share it const.
class ConfigDef {
 public:
  enum class UnknownKeys { kReject, kKeep };

  /// Throws ConfigException when the name is taken or the default is not accepted by its own
  /// validator.
  ConfigDef& define(ConfigKey key);
  /// Adds the explanation that users see; the key must be defined.
  ConfigDef& document(std::string_view name, std::string text);

  const ConfigKey* find(std::string_view name) const;
  const std::map<std::string, ConfigKey, std::less<>>& keys() const { return keys_; }

  /// Checks and types every value, and fills in the defaults. Throws ConfigException for the first
  /// value that is wrong, a required one that is missing or, with kReject, a key that is not
  /// defined (with a suggestion).
  AbstractConfig parse(const ConfigMap& given, UnknownKeys unknown = UnknownKeys::kReject) const;
  /// One value: type and validator. Throws ConfigException, also for a key that is not defined.
  ConfigValue parse_value(std::string_view name, std::string_view text) const;

  /// "linger.mss: unknown configuration key; did you mean linger.ms?"
  std::string unknown_key_message(std::string_view name) const;
  /// The value as users may see it: passwords are "[hidden]".
  std::string describe(const ConfigKey& key, const ConfigValue& value) const;

 private:
  std::map<std::string, ConfigKey, std::less<>> keys_;
};

}  // namespace kafkascope

// ConfigValidator: which values of a key are accepted (Kafka's ConfigDef.Validator), and how the
// check reads.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_value.h"

namespace kafkascope {

/// A check with its text for documentation ("[0,...,100]"). An empty check accepts everything.
struct ConfigValidator {
  /// Empty: accepted. Otherwise what would be right: "Value must be at least 14".
  std::function<std::string(const ConfigValue&)> check;
  std::string text;
};

/// Integer keys; a missing bound is open.
ConfigValidator between(std::optional<int64_t> lowest, std::optional<int64_t> highest);
inline ConfigValidator at_least(int64_t lowest) { return between(lowest, std::nullopt); }
/// Double keys.
ConfigValidator between_doubles(std::optional<double> lowest, std::optional<double> highest);
/// String keys, and each item of list keys.
ConfigValidator one_of(std::vector<std::string> words, bool ignore_case = false);
ConfigValidator non_null();
/// No empty string or list; null is accepted.
ConfigValidator non_empty();
/// What the other accepts, and one value besides.
ConfigValidator or_value(ConfigValidator validator, ConfigValue value);
/// Replication throttles: "*" or partition:broker,partition:broker...
ConfigValidator throttled_replicas();

/// The validator whose text Kafka prints so: "[0,...,1]", "[a, b]", "(case insensitive) [A, B]",
/// "non-null string",
/// "[1,...,9] or -1". Throws ConfigException for a text that it cannot read.
ConfigValidator parse_validator(ConfigType type, std::string_view text);

}  // namespace kafkascope

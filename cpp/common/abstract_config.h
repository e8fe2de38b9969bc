// AbstractConfig: checked configuration values by key, with typed getters (Kafka's AbstractConfig).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config_def.h"

namespace kafkascope {

/// What ConfigDef::parse returns. Immutable. Asking for a key that is not defined, or for another
/// type than its own, is a programmer's error and aborts; so is asking for a plain value where it
/// is null.
class AbstractConfig {
 public:
  using Values = std::map<std::string, ConfigValue, std::less<>>;

  AbstractConfig(Values values, ConfigMap originals, std::vector<std::string> unused)
      : values_(std::move(values)), originals_(std::move(originals)), unused_(std::move(unused)) {}

  const ConfigValue& get(std::string_view name) const;
  bool is_null(std::string_view name) const { return get(name).index() == 0; }

  bool get_boolean(std::string_view name) const;
  int16_t get_short(std::string_view name) const;
  int32_t get_int(std::string_view name) const;
  int64_t get_long(std::string_view name) const;
  double get_double(std::string_view name) const;
  /// String, class and password keys.
  const std::string& get_string(std::string_view name) const;
  const ConfigList& get_list(std::string_view name) const;
  /// Empty where the value is null.
  std::optional<int64_t> find_long(std::string_view name) const;
  std::optional<std::string> find_string(std::string_view name) const;

  const Values& values() const { return values_; }
  /// What the user gave, as text.
  const ConfigMap& originals() const { return originals_; }
  bool is_given(const std::string& name) const { return originals_.contains(name); }
  /// Keys that were given and are not defined (ConfigDef::UnknownKeys::kKeep).
  const std::vector<std::string>& unused() const { return unused_; }

 private:
  template <typename T>
  const T& typed(std::string_view name) const;

  Values values_;
  ConfigMap originals_;
  std::vector<std::string> unused_;
};

}  // namespace kafkascope

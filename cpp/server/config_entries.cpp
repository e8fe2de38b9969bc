#include "server/config_entries.h"

#include "common/config_tables.h"
#include "common/text.h"
#include "log/log_config.h"
#include "server/config/dynamic_only_keys.h"

namespace kafkascope {
namespace {

int8_t wire_type(ConfigType type) {
  switch (type) {
    case ConfigType::kBoolean:
      return 1;
    case ConfigType::kString:
      return 2;
    case ConfigType::kInt:
      return 3;
    case ConfigType::kShort:
      return 4;
    case ConfigType::kLong:
      return 5;
    case ConfigType::kDouble:
      return 6;
    case ConfigType::kList:
      return 7;
    case ConfigType::kClass:
      return 8;
    case ConfigType::kPassword:
      return 9;
  }
  return 0;
}

std::optional<std::string> default_text(const ConfigKey& key) {
  if (key.required || key.default_value.index() == 0) return std::nullopt;
  return config_value_text(key.default_value);
}

/// The entry of a key from its synonyms, of which the first decides.
DescribedConfig entry_of(const ConfigKey& key, std::vector<DescribedSynonym> synonyms) {
  DescribedConfig entry;
  entry.name = key.name;
  entry.type = wire_type(key.type);
  entry.sensitive = key.type == ConfigType::kPassword;
  entry.read_only = key.update_mode == "read-only";
  entry.documentation = key.documentation;
  if (!synonyms.empty()) {
    entry.value = synonyms.front().value;
    entry.source = synonyms.front().source;
  }
  if (entry.sensitive) {
    entry.value.reset();
    for (DescribedSynonym& synonym : synonyms) synonym.value.reset();
  }
  entry.synonyms = std::move(synonyms);
  return entry;
}

void add(std::vector<DescribedSynonym>& synonyms, const ConfigMap& from, const std::string& name,
         ConfigSource source) {
  if (const auto found = from.find(name); found != from.end())
    synonyms.push_back({name, found->second, source});
}

}  // namespace

std::vector<DescribedConfig> topic_config_entries(const KafkaConfig& broker,
                                                  const ConfigMap& overrides) {
  const ConfigDef& def = LogConfig::config_def();
  const ConfigMap from_broker = LogConfig::extract_from_broker(broker.originals);
  std::vector<DescribedConfig> entries;
  for (const auto& [name, key] : def.keys()) {
    if (key.internal) continue;
    std::vector<DescribedSynonym> synonyms;
    add(synonyms, overrides, name, ConfigSource::kTopic);
    const std::string_view broker_key = split(split(key.broker_synonyms, ',').front(), '*').front();
    if (const auto found = from_broker.find(name); found != from_broker.end()) {
      synonyms.push_back({std::string(broker_key), found->second, ConfigSource::kStaticBroker});
    }
    synonyms.push_back({broker_key.empty() ? name : std::string(broker_key), default_text(key),
                        ConfigSource::kDefault});
    entries.push_back(entry_of(key, std::move(synonyms)));
  }
  return entries;
}

std::vector<DescribedConfig> broker_config_entries(const KafkaConfig& broker, const ConfigMap& own,
                                                   const ConfigMap& defaults) {
  const ConfigDef def = broker_config_def();
  std::vector<DescribedConfig> entries;
  for (const auto& [name, key] : def.keys()) {
    if (key.internal) continue;
    std::vector<DescribedSynonym> synonyms;
    add(synonyms, own, name, ConfigSource::kDynamicBroker);
    add(synonyms, defaults, name, ConfigSource::kDynamicDefaultBroker);
    add(synonyms, broker.originals, name, ConfigSource::kStaticBroker);
    if (!key.required) synonyms.push_back({name, default_text(key), ConfigSource::kDefault});
    entries.push_back(entry_of(key, std::move(synonyms)));
  }
  for (std::string_view key : kDynamicOnlyKeys) {  // shown where they are set
    const std::string name(key);
    std::vector<DescribedSynonym> synonyms;
    add(synonyms, own, name, ConfigSource::kDynamicBroker);
    add(synonyms, defaults, name, ConfigSource::kDynamicDefaultBroker);
    if (!synonyms.empty())
      entries.push_back(entry_of({.name = name, .type = ConfigType::kLong}, std::move(synonyms)));
  }
  return entries;
}

}  // namespace kafkascope

// DescribedConfig: a setting with where its value comes from, as DescribeConfigs shows it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/config/kafka_config.h"

namespace kafkascope {

/// Kafka's ConfigSource, by its number on the wire.
enum class ConfigSource : int8_t {
  kTopic = 1,
  kDynamicBroker = 2,
  kDynamicDefaultBroker = 3,
  kStaticBroker = 4,
  kDefault = 5,
};

struct DescribedSynonym {
  std::string name;
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::kDefault;
};

struct DescribedConfig {
  std::string name;
  std::optional<std::string> value;  // nothing: null, or sensitive
  ConfigSource source = ConfigSource::kDefault;
  bool read_only = false;
  bool sensitive = false;
  int8_t type =
      0;  // BOOLEAN 1, STRING 2, INT 3, SHORT 4, LONG 5, DOUBLE 6, LIST 7, CLASS 8, PASSWORD 9
  std::string documentation;
  std::vector<DescribedSynonym> synonyms;  // the nearest first
};

/// All keys of a topic with these overrides.
std::vector<DescribedConfig> topic_config_entries(const KafkaConfig& broker,
                                                  const ConfigMap& overrides);
/// All keys of a broker: its file, and the dynamic values of itself and of all brokers.
std::vector<DescribedConfig> broker_config_entries(const KafkaConfig& broker, const ConfigMap& own,
                                                   const ConfigMap& defaults);

}  // namespace kafkascope

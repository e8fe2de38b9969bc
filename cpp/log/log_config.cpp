#include "log/log_config.h"

#include <algorithm>

#include "common/abstract_config.h"
#include "common/config_tables.h"
#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

bool has(const ConfigList& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

int level_of(const AbstractConfig& values, CompressionType type) {
  switch (type) {
    case CompressionType::kGzip:
      return values.get_int("compression.gzip.level");
    case CompressionType::kLz4:
      return values.get_int("compression.lz4.level");
    case CompressionType::kZstd:
      return values.get_int("compression.zstd.level");
    default:
      return 0;
  }
}

/// The message format that a Kafka of this version ("0.10.2-IV0", "2.8") writes.
int8_t format_since(std::string_view version) {
  if (!version.starts_with("0.")) return 2;
  const std::string_view minor = version.substr(2, version.find_first_of(".-", 2) - 2);
  return minor == "11" ? 2 : minor == "10" ? 1 : 0;
}

int8_t message_format_of(const AbstractConfig& values, const std::string& protocol) {
  // From protocol 3.0 on Kafka ignores the key (KIP-724).
  const bool old_protocol =
      protocol.starts_with("0.") || protocol.starts_with("1.") || protocol.starts_with("2.");
  if (!old_protocol) return 2;
  const bool given = values.is_given("message.format.version");
  const std::string& version = given ? values.get_string("message.format.version") : protocol;
  if (format_since(version) > format_since(protocol)) {
    throw ConfigException("message.format.version=" + version +
                          ": expected none above inter.broker.protocol.version (" + protocol + ")");
  }
  return format_since(version);
}

/// "log.retention.hours*3600000": the broker's key and what its number is multiplied by.
struct Synonym {
  std::string key;
  int64_t factor = 1;
};

std::vector<Synonym> synonyms_of(const ConfigKey& key) {
  std::vector<Synonym> synonyms;
  if (key.broker_synonyms.empty()) return synonyms;
  for (const std::string_view part : split(key.broker_synonyms, ',')) {
    const size_t star = part.find('*');
    Synonym synonym{std::string(trim(part.substr(0, star)))};
    if (star != part.npos) synonym.factor = std::stoll(std::string(part.substr(star + 1)));
    synonyms.push_back(std::move(synonym));
  }
  return synonyms;
}

std::string scaled(const std::string& key, const std::string& text, int64_t factor) {
  if (factor == 1) return text;
  const ConfigValue value = parse_config_value(key, ConfigType::kLong, text);
  const int64_t number = std::get<int64_t>(value);
  // -1 hours is no limit, not minus one hour.
  return std::to_string(number < 0 ? number : number * factor);
}

}  // namespace

LogConfig::LogConfig(const AbstractConfig& values, const std::string& protocol)
    : segment_size(values.get_int("segment.bytes")),
      segment_ms(values.get_long("segment.ms")),
      segment_jitter_ms(values.get_long("segment.jitter.ms")),
      max_index_size(values.get_int("segment.index.bytes")),
      flush_interval(values.get_long("flush.messages")),
      flush_ms(values.get_long("flush.ms")),
      retention_size(values.get_long("retention.bytes")),
      retention_ms(values.get_long("retention.ms")),
      max_message_size(values.get_int("max.message.bytes")),
      index_interval(values.get_int("index.interval.bytes")),
      file_delete_delay_ms(values.get_long("file.delete.delay.ms")),
      delete_retention_ms(values.get_long("delete.retention.ms")),
      compaction_lag_ms(values.get_long("min.compaction.lag.ms")),
      max_compaction_lag_ms(values.get_long("max.compaction.lag.ms")),
      min_cleanable_ratio(values.get_double("min.cleanable.dirty.ratio")),
      compact(has(values.get_list("cleanup.policy"), "compact")),
      delete_old(has(values.get_list("cleanup.policy"), "delete")),
      unclean_leader_election_enable(values.get_boolean("unclean.leader.election.enable")),
      min_in_sync_replicas(values.get_int("min.insync.replicas")),
      preallocate(values.get_boolean("preallocate")),
      message_timestamp_type(values.get_string("message.timestamp.type") == "LogAppendTime"
                                 ? TimestampType::kLogAppendTime
                                 : TimestampType::kCreateTime),
      message_timestamp_before_max_ms(values.get_long("message.timestamp.before.max.ms")),
      message_timestamp_after_max_ms(values.get_long("message.timestamp.after.max.ms")),
      message_down_conversion_enable(values.get_boolean("message.downconversion.enable")) {
  // The older key stands for both newer ones that are not given (KIP-937).
  const int64_t difference = values.get_long("message.timestamp.difference.max.ms");
  if (!values.is_given("message.timestamp.before.max.ms")) {
    message_timestamp_before_max_ms = std::min(message_timestamp_before_max_ms, difference);
  }
  if (!values.is_given("message.timestamp.after.max.ms")) {
    message_timestamp_after_max_ms = std::min(message_timestamp_after_max_ms, difference);
  }
  message_format = message_format_of(values, protocol);
  const std::string& codec = values.get_string("compression.type");
  if (codec == "uncompressed") compression_type = CompressionType::kNone;
  if (codec != "uncompressed" && codec != "producer") compression_type = parse_compression(codec);
  if (compression_type) compression_level = level_of(values, *compression_type);
}

const ConfigDef& LogConfig::config_def() {
  static const ConfigDef def = topic_config_def();
  return def;
}

std::shared_ptr<const LogConfig> LogConfig::make(const ConfigMap& broker, const ConfigMap& topic) {
  ConfigMap values = extract_from_broker(broker);
  for (const auto& [key, value] : topic) values[key] = value;
  validate(topic);
  const auto protocol = broker.find("inter.broker.protocol.version");
  return std::make_shared<const LogConfig>(config_def().parse(values),
                                           protocol == broker.end() ? "3.9" : protocol->second);
}

void LogConfig::validate(const ConfigMap& topic) {
  const AbstractConfig values = config_def().parse(topic);
  if (values.get_long("min.compaction.lag.ms") > values.get_long("max.compaction.lag.ms")) {
    throw ConfigException("conflict topic config setting min.compaction.lag.ms (" +
                          std::to_string(values.get_long("min.compaction.lag.ms")) +
                          ") > max.compaction.lag.ms (" +
                          std::to_string(values.get_long("max.compaction.lag.ms")) + ")");
  }
}

ConfigMap LogConfig::extract_from_broker(const ConfigMap& broker) {
  ConfigMap values;
  for (const auto& [name, key] : config_def().keys()) {
    for (const Synonym& synonym : synonyms_of(key)) {
      const auto given = broker.find(synonym.key);
      if (given == broker.end()) continue;
      values[name] = scaled(synonym.key, given->second, synonym.factor);
      break;
    }
  }
  return values;
}

}  // namespace kafkascope

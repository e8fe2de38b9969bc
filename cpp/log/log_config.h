// LogConfig: the topic-level configuration of one log.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/config_def.h"
#include "common/types.h"
#include "record/record_batch.h"

namespace kafkascope {

/// Kafka's LogConfig: topic.tsv's keys, typed. Immutable once made; shared by the logs of a topic.
struct LogConfig {
  int32_t segment_size = 1 << 30;
  int64_t segment_ms = 604'800'000;
  int64_t segment_jitter_ms = 0;
  int32_t max_index_size = 10 << 20;
  int64_t flush_interval = INT64_MAX;  // messages
  int64_t flush_ms = INT64_MAX;
  int64_t retention_size = -1;  // bytes; -1: no limit
  int64_t retention_ms = 604'800'000;
  int32_t max_message_size = 1'048'588;
  int32_t index_interval = 4096;
  int64_t file_delete_delay_ms = 60'000;
  int64_t delete_retention_ms = 86'400'000;
  int64_t compaction_lag_ms = 0;
  int64_t max_compaction_lag_ms = INT64_MAX;
  double min_cleanable_ratio = 0.5;
  bool compact = false;    // cleanup.policy has "compact"
  bool delete_old = true;  // cleanup.policy has "delete"
  bool unclean_leader_election_enable = false;
  int32_t min_in_sync_replicas = 1;
  /// Empty: "producer", each batch keeps its codec.
  std::optional<CompressionType> compression_type;
  std::optional<int> compression_level;  // of compression_type, where it has levels
  bool preallocate = false;
  TimestampType message_timestamp_type = TimestampType::kCreateTime;
  int64_t message_timestamp_before_max_ms = INT64_MAX;
  int64_t message_timestamp_after_max_ms = INT64_MAX;
  bool message_down_conversion_enable = true;
  /// What is written: 2, or with inter.broker.protocol.version below 3.0 that of
  /// message.format.version.
  int8_t message_format = 2;

  LogConfig() = default;
  /// `protocol` is the broker's inter.broker.protocol.version.
  LogConfig(const AbstractConfig& values, const std::string& protocol);

  /// The topic keys, with Kafka's validators.
  static const ConfigDef& config_def();
  /// Defaults, overridden by a broker's configuration where it gives a synonym (log.retention.hours
  /// for retention.ms ...), overridden by the topic's own. Throws ConfigException for an unknown
  /// key or a value that is refused.
  static std::shared_ptr<const LogConfig> make(const ConfigMap& broker, const ConfigMap& topic);
  /// Checks a topic's overrides as CreateTopics does. Throws ConfigException.
  static void validate(const ConfigMap& topic);
  /// The broker's values under the topic's names: what a topic without overrides has.
  static ConfigMap extract_from_broker(const ConfigMap& broker);
};

}  // namespace kafkascope

// ConsumerConfig: a consumer's configuration, checked and typed, under Kafka's keys.
#pragma once

#include <memory>
#include <optional>

#include "clients/client_config.h"

namespace kafkascope {

class ConsumerInterceptor;

enum class OffsetResetStrategy { kLatest, kEarliest, kNone };
enum class IsolationLevel : int8_t { kReadUncommitted = 0, kReadCommitted = 1 };

struct ConsumerConfig : CommonClientConfig {
  std::optional<std::string> group_id;
  OffsetResetStrategy auto_offset_reset;
  IsolationLevel isolation_level;
  bool check_crcs;
  bool allow_auto_create_topics;
  int32_t fetch_min_bytes;
  int32_t fetch_max_bytes;
  int32_t max_partition_fetch_bytes;
  int32_t max_poll_records;
  Milliseconds fetch_max_wait;
  Milliseconds default_api_timeout;
  std::string client_rack;

  /// Not text: set by the program.
  std::vector<std::shared_ptr<ConsumerInterceptor>> interceptors;

  /// Kafka's keys to text. Throws ConfigException.
  static ConsumerConfig parse(const ConfigMap& given);
  static ConfigDef definition();
};

}  // namespace kafkascope

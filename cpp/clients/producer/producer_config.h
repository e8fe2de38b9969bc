// ProducerConfig: a producer's configuration, checked and typed, under Kafka's keys.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "clients/client_config.h"

namespace kafkascope {

enum class CompressionType : int8_t;
class Partitioner;
class ProducerInterceptor;

struct ProducerConfig : CommonClientConfig {
  int16_t acks;  // -1: all in-sync replicas
  bool enable_idempotence;
  int32_t batch_size;
  int64_t buffer_memory;
  Milliseconds linger;
  Milliseconds max_block;
  Milliseconds delivery_timeout;
  Milliseconds metadata_max_idle;
  int32_t max_in_flight;
  int32_t max_request_size;
  int32_t retries;
  CompressionType compression_type;
  std::optional<int> compression_level;  // empty: the codec's default
  bool partitioner_ignore_keys;
  bool partitioner_adaptive;
  Milliseconds partitioner_availability_timeout;
  Milliseconds transaction_timeout;
  std::string partitioner_class;  // "RoundRobinPartitioner"; empty: the built-in one

  /// Not text: set by the program. When set, `partitioner` wins over partitioner.class.
  std::shared_ptr<Partitioner> partitioner;
  std::vector<std::shared_ptr<ProducerInterceptor>> interceptors;
  /// Called every 50 ms while a send() waits for buffer memory; what it throws comes out of send().
  std::function<void()> while_waiting;

  /// Kafka's keys to text. Throws ConfigException: unknown keys (with a suggestion), values out of
  /// range, and combinations that cannot work (delivery.timeout.ms < linger.ms +
  /// request.timeout.ms; idempotence with acks=1).
  static ProducerConfig parse(const ConfigMap& given);
  /// Keys with types, defaults and documentation. Built anew by each call.
  static ConfigDef definition();
};

}  // namespace kafkascope

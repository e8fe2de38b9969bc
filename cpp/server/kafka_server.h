// KafkaServer: one broker, from its configuration to its doors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/node.h"
#include "server/config/kafka_config.h"

namespace kafkascope {

class MetadataCache;
class MetricsRegistry;
class ReplicaManager;

/// Kafka's KafkaServer. start() and shutdown() once each, from one thread. The same in a real run
/// and in a simulation.
class KafkaServer {
 public:
  KafkaServer(Node& node, KafkaConfig config);
  ~KafkaServer();
  KafkaServer(const KafkaServer&) = delete;
  KafkaServer& operator=(const KafkaServer&) = delete;

  /// Opens the log directories, recovers what needs it, and accepts requests when it returns.
  /// Throws KafkaStorageException, KafkaException.
  void start();
  /// Answers what is being handled, flushes all logs, marks the directories as cleanly shut down.
  void shutdown();

  /// False before start() has opened the logs, and after shutdown().
  bool is_started() const { return parts_ != nullptr; }
  BrokerId broker_id() const { return config_.broker_id; }
  const KafkaConfig& config() const { return config_; }
  /// Where clients connect: the advertised listeners, ports resolved.
  const std::vector<ListenerConfig>& endpoints() const { return endpoints_; }
  MetadataCache& metadata_cache();
  ReplicaManager& replica_manager();
  MetricsRegistry& metrics() { return *metrics_; }

 private:
  struct Parts;
  void register_broker();
  void schedule_tasks();

  Node& node_;
  const KafkaConfig config_;
  std::unique_ptr<MetricsRegistry> metrics_;
  std::unique_ptr<Parts> parts_;
  std::vector<ListenerConfig> endpoints_;
};

}  // namespace kafkascope

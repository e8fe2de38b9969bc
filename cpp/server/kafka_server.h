// KafkaServer: one broker, from its configuration to its doors.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/threads.h"
#include "server/config/kafka_config.h"

namespace kafkascope {

class ClusterMembership;
class MetadataCache;
class MetricsRegistry;
class ReplicaManager;

/// Kafka's KafkaServer. start() and shutdown() once each, from one thread. The same in a real run
/// and in a simulation. When its last log directory fails it closes its doors, where Kafka's
/// process ends itself: whoever owns it learns so and calls shutdown().
class KafkaServer {
 public:
  KafkaServer(Node& node, KafkaConfig config);
  ~KafkaServer();
  KafkaServer(const KafkaServer&) = delete;
  KafkaServer& operator=(const KafkaServer&) = delete;

  /// Opens the log directories, recovers what needs it, and accepts requests when it returns.
  /// Throws KafkaStorageException, KafkaException.
  void start();
  /// In a cluster, first has the controller move the leaders away. Answers what is being handled,
  /// flushes all logs, marks the directories as cleanly shut down.
  void shutdown();

  /// Called once, on a thread of the server's, when it has failed. Set before start().
  void set_on_failure(std::function<void()> fn) { on_failure_ = std::move(fn); }
  /// Why it serves no more; empty while it does.
  std::string failure() const;

  /// False before start() has opened the logs, and after shutdown().
  bool is_started() const { return parts_ != nullptr; }
  BrokerId broker_id() const { return config_.broker_id; }
  const KafkaConfig& config() const { return config_; }
  /// Where clients connect: the advertised listeners, ports resolved.
  const std::vector<ListenerConfig>& endpoints() const { return endpoints_; }
  MetadataCache& metadata_cache();
  ReplicaManager& replica_manager();
  MetricsRegistry& metrics() { return *metrics_; }
  /// Null: it stands alone.
  ClusterMembership* cluster();

 private:
  struct Parts;
  void start_parts();
  void stop_parts();
  void resolve_endpoints();
  void stand_alone();
  void join_cluster();
  void apply_config(const std::string& type, const std::string& name);
  void apply_throttle(const std::string& topic, const ConfigMap& configs);
  void reconfigure(const ConfigMap& effective);
  void schedule_tasks();
  void handle_log_dir_failure(const std::string& log_dir);
  /// Answers what is being handled, and closes all connections.
  void close_doors();

  Node& node_;
  const KafkaConfig config_;
  std::unique_ptr<MetricsRegistry> metrics_;
  std::unique_ptr<Parts> parts_;
  std::vector<ListenerConfig> endpoints_;
  std::function<void()> on_failure_;
  mutable Mutex mutex_;
  std::string failure_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

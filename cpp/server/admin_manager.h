// AdminManager: creates and deletes topics and changes configurations: what to refuse, and what to
// do in which order.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/errors.h"
#include "metadata/metadata_cache.h"
#include "metadata/metadata_store.h"
#include "server/config/kafka_config.h"
#include "server/replica_placement.h"

namespace kafkascope {

class StandaloneController;

/// A topic as a client asks for it. -1: the broker's default.
struct TopicRequest {
  std::string name;
  int32_t num_partitions = -1;
  int16_t replication_factor = -1;
  Assignment assignments;  // instead of the two numbers
  ConfigMap configs;
};

/// Why a topic cannot have this name; empty when it can.
std::string topic_name_problem(const std::string& name);

/// Kafka's AdminManager (ZkAdminManager). Any thread may call; changes follow one another.
class AdminManager {
 public:
  /// `standalone`: makes changes come true at once; null where a controller sees them in the store.
  AdminManager(Node& node, const KafkaConfig& config, MetadataStore& store, MetadataCache& cache,
               StandaloneController* standalone);

  /// Takes over what the store holds: at the start of a broker that stands alone.
  void load();

  /// The topic's metadata, made unless `validate_only`. Kafka's codes and words.
  Result<TopicMetadata> create_topic(const TopicRequest& request, bool validate_only);
  Result<TopicMetadata> delete_topic(const std::string& name);
  Result<TopicMetadata> create_partitions(const std::string& name, int32_t count,
                                          const std::vector<std::vector<BrokerId>>& assignments,
                                          bool validate_only);
  /// Replaces a topic's overrides.
  Error alter_topic_config(const std::string& name, const ConfigMap& configs, bool validate_only);
  /// Replaces the dynamic configuration of this broker, or ("") of all. INVALID_REQUEST for a key
  /// that cannot change while the broker runs.
  Error alter_broker_config(const std::string& broker, const ConfigMap& configs,
                            bool validate_only);
  ConfigMap topic_config(const std::string& name) { return store_.topic_config(name); }
  ConfigMap dynamic_broker_config(const std::string& broker);
  /// server.properties under what was changed since, for all brokers and for this one; without
  /// the keys that only exist dynamically.
  ConfigMap effective_broker_config();
  /// The value of such a key for this broker; nothing: not set.
  std::optional<int64_t> dynamic_only(std::string_view key);
  /// Told of the effective configuration after each change; not where a DynamicConfigManager is.
  void set_on_broker_config(std::function<void(const ConfigMap&)> fn) {
    on_broker_config_ = std::move(fn);
  }

 private:
  Result<Assignment> assign(const TopicRequest& request) KS_REQUIRES(mutex_);
  Result<Assignment> place(PartitionIndex first, int32_t count, int16_t replication_factor,
                           std::optional<BrokerId> first_leader) KS_REQUIRES(mutex_);
  Error check_name(const std::string& name) const;
  ConfigMap effective_with(std::map<std::string, ConfigMap> dynamic) const;
  Error check_broker_config(const std::string& broker, const ConfigMap& configs);
  Error check_assignment(const std::vector<BrokerId>& replicas) const;

  Node& node_;
  const KafkaConfig& config_;
  MetadataStore& store_;
  MetadataCache& cache_;
  StandaloneController* const standalone_;
  std::function<void(const ConfigMap&)> on_broker_config_;
  Mutex mutex_;
  RandomStream random_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

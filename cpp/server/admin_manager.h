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
#include "replication/replica_manager.h"
#include "server/config/kafka_config.h"

namespace kafkascope {

/// A topic as a client asks for it. -1: the broker's default.
struct TopicRequest {
  std::string name;
  int32_t num_partitions = -1;
  int16_t replication_factor = -1;
  std::map<PartitionIndex, std::vector<BrokerId>> assignments;  // instead of the two numbers
  ConfigMap configs;
};

/// Why a topic cannot have this name; empty when it can.
std::string topic_name_problem(const std::string& name);

/// Kafka's AdminManager (ZkAdminManager). Any thread may call; changes follow one another.
class AdminManager {
 public:
  AdminManager(Node& node, const KafkaConfig& config, MetadataStore& store, MetadataCache& cache,
               ReplicaManager& replicas);

  /// Takes over what the store holds: at start.
  void load();
  /// Their log directory failed: nobody leads them until this broker starts with it again.
  void take_offline(const std::vector<TopicPartition>& partitions);

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
  ConfigMap dynamic_broker_config(const std::string& broker);
  /// server.properties under what was changed since, for all brokers and for this one.
  ConfigMap effective_broker_config();
  /// Told of the effective configuration after each change.
  void set_on_broker_config(std::function<void(const ConfigMap&)> fn) {
    on_broker_config_ = std::move(fn);
  }

 private:
  Result<std::map<PartitionIndex, std::vector<BrokerId>>> assign(const TopicRequest& request) const;
  ConfigMap effective_with(std::map<std::string, ConfigMap> dynamic) const;
  Error check_broker_config(const std::string& broker, const ConfigMap& configs);
  Error check_assignment(const std::vector<BrokerId>& replicas) const;
  /// Leads the topic's partitions; those from `first_new` on have no log yet.
  void install(const TopicMetadata& topic, PartitionIndex first_new);

  Node& node_;
  const KafkaConfig& config_;
  MetadataStore& store_;
  MetadataCache& cache_;
  ReplicaManager& replicas_;
  std::function<void(const ConfigMap&)> on_broker_config_;
  Mutex mutex_;
  RandomStream random_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

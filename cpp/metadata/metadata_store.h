// MetadataStore: where topics, configurations and producer ids are kept for good. A broker by
// itself keeps them in a file; a cluster keeps them in ZooKeeper.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "metadata/cluster_metadata.h"

namespace kafkascope {

/// Any thread may call. What a call changed is durable when it returns. Throws
/// KafkaStorageException, or a KafkaException when the store cannot be reached.
class MetadataStore {
 public:
  virtual ~MetadataStore() = default;
  virtual std::vector<TopicMetadata> topics() = 0;
  /// Throws KafkaException(TOPIC_ALREADY_EXISTS).
  virtual void create_topic(const TopicMetadata& topic) = 0;
  /// The topic has these partitions from now on: more than before.
  virtual void add_partitions(const TopicMetadata& topic) = 0;
  virtual void remove_topic(const std::string& name) = 0;
  /// Overrides of the brokers' defaults; empty for an unknown topic.
  virtual ConfigMap topic_config(const std::string& name) = 0;
  virtual void put_topic_config(const std::string& name, const ConfigMap& configs) = 0;
  /// Dynamic configurations: by broker id, "" for the defaults of all brokers.
  virtual std::map<std::string, ConfigMap> broker_configs() = 0;
  virtual void put_broker_config(const std::string& broker, const ConfigMap& configs) = 0;
  /// The first of `count` producer ids that nobody else gets, ever.
  virtual ProducerId allocate_producer_ids(int64_t count) = 0;
};

}  // namespace kafkascope

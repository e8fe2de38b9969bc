// ZkMetadataStore: a MetadataStore in ZooKeeper, where the controller sees what changes.
#pragma once

#include "metadata/metadata_store.h"
#include "zookeeper/client/kafka_zk_client.h"

namespace kafkascope {

/// Kafka's AdminZkClient with its ZkConfigRepository. Changes of configurations leave a
/// notification that every broker's DynamicConfigManager reads.
class ZkMetadataStore : public MetadataStore {
 public:
  ZkMetadataStore(KafkaZkClient& zk, BrokerId broker) : zk_(zk), broker_(broker) {}

  std::vector<TopicMetadata> topics() override;
  void create_topic(const TopicMetadata& topic) override;
  void add_partitions(const TopicMetadata& topic) override;
  void remove_topic(const std::string& name) override;
  ConfigMap topic_config(const std::string& name) override;
  void put_topic_config(const std::string& name, const ConfigMap& configs) override;
  std::map<std::string, ConfigMap> broker_configs() override;
  void put_broker_config(const std::string& broker, const ConfigMap& configs) override;
  ProducerId allocate_producer_ids(int64_t count) override;

 private:
  KafkaZkClient& zk_;
  const BrokerId broker_;
};

}  // namespace kafkascope

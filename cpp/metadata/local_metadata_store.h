// LocalMetadataStore: a MetadataStore in a JSON file, for a broker by itself.
#pragma once

#include <functional>

#include "metadata/metadata_store.h"
#include "runtime/threads.h"

namespace kafkascope {

/// The file stands in every log directory, so that a broker that loses one still knows its topics;
/// the copy with the highest revision counts. Each is replaced atomically at every change. Kafka
/// ignores it: it reads only directories beside its own files.
class LocalMetadataStore : public MetadataStore {
 public:
  using OnFailure = std::function<void(const std::string& log_dir, const std::string& reason)>;

  /// Reads the files that are there. Throws KafkaStorageException when one is not what this class
  /// wrote. `on_failure` is told of directories that do not take a change.
  LocalMetadataStore(Node& node, std::vector<std::string> log_dirs, OnFailure on_failure);

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
  void load(const std::string& path) KS_REQUIRES(mutex_);
  /// Throws KafkaStorageException when no directory takes it.
  void save() KS_REQUIRES(mutex_);

  Node& node_;
  const std::vector<std::string> log_dirs_;
  const OnFailure on_failure_;
  Mutex mutex_;
  int64_t revision_ KS_GUARDED_BY(mutex_) = 0;
  std::map<std::string, TopicMetadata> topics_ KS_GUARDED_BY(mutex_);
  std::map<std::string, ConfigMap> broker_configs_ KS_GUARDED_BY(mutex_);
  ProducerId next_producer_id_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope

// LocalMetadataStore: a MetadataStore in one JSON file, for a broker by itself.
#pragma once

#include "metadata/metadata_store.h"
#include "runtime/threads.h"

namespace kafkascope {

/// The file is replaced atomically at every change. Kafka ignores it: it reads only directories
/// beside its own files.
class LocalMetadataStore : public MetadataStore {
 public:
  /// Reads the file when it is there. Throws KafkaStorageException when it is not what this class
  /// wrote.
  LocalMetadataStore(Node& node, std::string path);

  std::vector<TopicMetadata> topics() override;
  void put_topic(const TopicMetadata& topic) override;
  void remove_topic(const std::string& name) override;
  std::map<std::string, ConfigMap> broker_configs() override;
  void put_broker_config(const std::string& broker, const ConfigMap& configs) override;
  ProducerId allocate_producer_ids(int64_t count) override;

 private:
  void load();
  void save() KS_REQUIRES(mutex_);

  FileSystem& files_;
  const std::string path_;
  Mutex mutex_;
  std::map<std::string, TopicMetadata> topics_ KS_GUARDED_BY(mutex_);
  std::map<std::string, ConfigMap> broker_configs_ KS_GUARDED_BY(mutex_);
  ProducerId next_producer_id_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope

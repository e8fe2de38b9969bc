#include "server/zk_metadata_store.h"

#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr const char* kDefaultEntity = "<default>";

std::string entity(const std::string& broker) { return broker.empty() ? kDefaultEntity : broker; }

/// What ZooKeeper refuses is no fault of the request: the caller may try again.
template <typename Fn>
auto in_zookeeper(Fn fn) {
  try {
    return fn();
  } catch (const zk::ZkException& e) {
    throw KafkaException(ErrorCode::kUnknownServerError, std::string("ZooKeeper: ") + e.what());
  }
}

}  // namespace

std::vector<TopicMetadata> ZkMetadataStore::topics() {
  return in_zookeeper([&] {
    const std::map<std::string, ConfigMap> configs = zk_.get_all_entity_configs("topics");
    std::vector<TopicMetadata> all;
    for (const TopicAssignment& assignment : zk_.get_topic_assignments(zk_.get_all_topics())) {
      TopicMetadata topic{assignment.topic, assignment.topic_id.value_or(Uuid{}), {}, {}};
      for (const auto& [index, replicas] : assignment.partitions)
        topic.assignment[index] = replicas.replicas;
      if (const auto found = configs.find(topic.name); found != configs.end())
        topic.configs = found->second;
      all.push_back(std::move(topic));
    }
    return all;
  });
}

void ZkMetadataStore::create_topic(const TopicMetadata& topic) {
  TopicAssignment assignment{topic.name, topic.id, {}};
  for (const auto& [index, replicas] : topic.assignment)
    assignment.partitions[index].replicas = replicas;
  in_zookeeper([&] {
    // Before the topic, so that whoever sees it finds its configuration; but never over that of a
    // topic that is there.
    if (zk_.topic_exists(topic.name))
      throw KafkaException(ErrorCode::kTopicAlreadyExists,
                           "Topic '" + topic.name + "' already exists.");
    zk_.set_or_create_entity_configs("topics", topic.name, topic.configs);
    try {
      zk_.create_topic_assignment(assignment);
    } catch (const zk::ZkException& e) {
      if (e.code() != zk::ZkError::kNodeExists) throw;
      throw KafkaException(ErrorCode::kTopicAlreadyExists,
                           "Topic '" + topic.name + "' already exists.");
    }
  });
}

void ZkMetadataStore::add_partitions(const TopicMetadata& topic) {
  in_zookeeper([&] {
    auto found = zk_.get_topic_assignments({topic.name});
    if (found.empty())
      throw KafkaException(ErrorCode::kUnknownTopicOrPartition, topic.name + " does not exist");
    for (const auto& [index, replicas] : topic.assignment)
      found.front().partitions.try_emplace(index, ReplicaAssignment{replicas, {}, {}});
    zk_.set_topic_assignment(found.front(), zk::kAnyVersion);
  });
}

void ZkMetadataStore::remove_topic(const std::string& name) {
  in_zookeeper([&] { zk_.create_delete_topic_path(name); });
}

ConfigMap ZkMetadataStore::topic_config(const std::string& name) {
  return in_zookeeper([&] { return zk_.get_entity_configs("topics", name); });
}

void ZkMetadataStore::put_topic_config(const std::string& name, const ConfigMap& configs) {
  in_zookeeper([&] {
    zk_.set_or_create_entity_configs("topics", name, configs);
    zk_.create_config_change_notification("topics/" + name);
  });
}

std::map<std::string, ConfigMap> ZkMetadataStore::broker_configs() {
  return in_zookeeper([&] {
    std::map<std::string, ConfigMap> all = zk_.get_all_entity_configs("brokers");
    if (auto defaults = all.extract(kDefaultEntity)) {
      defaults.key() = "";
      all.insert(std::move(defaults));
    }
    return all;
  });
}

void ZkMetadataStore::put_broker_config(const std::string& broker, const ConfigMap& configs) {
  in_zookeeper([&] {
    zk_.set_or_create_entity_configs("brokers", entity(broker), configs);
    zk_.create_config_change_notification("brokers/" + entity(broker));
  });
}

ProducerId ZkMetadataStore::allocate_producer_ids(int64_t count) {
  return in_zookeeper([&] { return zk_.allocate_producer_id_block(broker_, count); });
}

}  // namespace kafkascope

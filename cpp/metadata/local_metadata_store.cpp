#include "metadata/local_metadata_store.h"

#include <nlohmann/json.hpp>

#include "common/errors.h"
#include "runtime/file_system.h"

namespace kafkascope {
namespace {

using nlohmann::json;

constexpr const char* kFile = "/.kafkascope-metadata.json";

json to_json(const TopicMetadata& topic) {
  json partitions = json::object();
  for (const auto& [index, replicas] : topic.assignment)
    partitions[std::to_string(index)] = replicas;
  return {{"id", topic.id.to_string()}, {"partitions", partitions}, {"configs", topic.configs}};
}

TopicMetadata from_json(const std::string& name, const json& value) {
  TopicMetadata topic{name,
                      Uuid::parse(value.at("id").get<std::string>()),
                      {},
                      value.at("configs").get<ConfigMap>()};
  for (const auto& [index, replicas] : value.at("partitions").items()) {
    topic.assignment[std::stoi(index)] = replicas.get<std::vector<BrokerId>>();
  }
  return topic;
}

}  // namespace

LocalMetadataStore::LocalMetadataStore(Node& node, std::vector<std::string> log_dirs,
                                       OnFailure on_failure)
    : node_(node),
      log_dirs_(std::move(log_dirs)),
      on_failure_(std::move(on_failure)),
      mutex_(node, "metadata store") {
  Lock lock(mutex_);
  for (const std::string& dir : log_dirs_) load(dir + kFile);
}

void LocalMetadataStore::load(const std::string& path) {
  if (!node_.files().exists(path)) return;
  try {
    const ByteBuffer content = read_file(node_.files(), path);
    const json root = json::parse(as_text(content));
    const auto revision = root.value("revision", int64_t{0});
    if (revision < revision_) return;
    revision_ = revision;
    topics_.clear();
    for (const auto& [name, value] : root.at("topics").items())
      topics_[name] = from_json(name, value);
    broker_configs_ = root.at("broker_configs").get<std::map<std::string, ConfigMap>>();
    next_producer_id_ = root.at("next_producer_id").get<ProducerId>();
  } catch (const std::exception& e) {
    throw KafkaStorageException(path + " is not what a broker wrote: " + e.what());
  }
}

void LocalMetadataStore::save() {
  json topics = json::object();
  for (const auto& [name, topic] : topics_) topics[name] = to_json(topic);
  const json root = {{"revision", ++revision_},
                     {"topics", topics},
                     {"broker_configs", broker_configs_},
                     {"next_producer_id", next_producer_id_}};
  const std::string text = root.dump(1);
  int written = 0;
  for (const std::string& dir : log_dirs_) {
    try {
      write_file_atomically(node_.files(), dir + kFile, as_bytes(text));
      ++written;
    } catch (const KafkaStorageException& e) {
      on_failure_(dir, e.what());
    }
  }
  if (written == 0) throw KafkaStorageException("no log directory takes the change of a topic");
}

std::vector<TopicMetadata> LocalMetadataStore::topics() {
  Lock lock(mutex_);
  std::vector<TopicMetadata> found;
  for (const auto& [name, topic] : topics_) found.push_back(topic);
  return found;
}

void LocalMetadataStore::create_topic(const TopicMetadata& topic) {
  Lock lock(mutex_);
  if (!topics_.emplace(topic.name, topic).second)
    throw KafkaException(ErrorCode::kTopicAlreadyExists,
                         "Topic '" + topic.name + "' already exists.");
  save();
}

void LocalMetadataStore::add_partitions(const TopicMetadata& topic) {
  Lock lock(mutex_);
  topics_.at(topic.name).assignment = topic.assignment;
  save();
}

ConfigMap LocalMetadataStore::topic_config(const std::string& name) {
  Lock lock(mutex_);
  const auto found = topics_.find(name);
  return found == topics_.end() ? ConfigMap() : found->second.configs;
}

void LocalMetadataStore::put_topic_config(const std::string& name, const ConfigMap& configs) {
  Lock lock(mutex_);
  topics_.at(name).configs = configs;
  save();
}

void LocalMetadataStore::remove_topic(const std::string& name) {
  Lock lock(mutex_);
  topics_.erase(name);
  save();
}

std::map<std::string, ConfigMap> LocalMetadataStore::broker_configs() {
  Lock lock(mutex_);
  return broker_configs_;
}

void LocalMetadataStore::put_broker_config(const std::string& broker, const ConfigMap& configs) {
  Lock lock(mutex_);
  broker_configs_[broker] = configs;
  save();
}

ProducerId LocalMetadataStore::allocate_producer_ids(int64_t count) {
  Lock lock(mutex_);
  const ProducerId first = next_producer_id_;
  next_producer_id_ += count;
  save();
  return first;
}

}  // namespace kafkascope

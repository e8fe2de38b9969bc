#include "metadata/cluster_metadata.h"

namespace kafkascope {

const BrokerListener* BrokerEndpoint::find_listener(const std::string& name) const {
  for (const BrokerListener& listener : listeners) {
    if (listener.name == name) return &listener;
  }
  return nullptr;
}

const TopicMetadata* ClusterMetadata::find_topic(const std::string& name) const {
  const auto found = topics.find(name);
  return found == topics.end() ? nullptr : &found->second;
}

const TopicMetadata* ClusterMetadata::find_topic(const Uuid& id) const {
  for (const auto& [name, topic] : topics) {
    if (topic.id == id) return &topic;
  }
  return nullptr;
}

bool is_internal_topic(const std::string& name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

}  // namespace kafkascope

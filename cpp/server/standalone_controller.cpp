#include "server/standalone_controller.h"

namespace kafkascope {
namespace {

void without_leader(PartitionState& state) {
  state.offline_replicas = {state.leader};
  state.leader = -1;
}

}  // namespace

void StandaloneController::install(const TopicMetadata& topic, PartitionIndex first_new) {
  std::map<TopicPartition, PartitionState> states;
  for (const auto& [index, replicas] : topic.assignment) {
    const TopicPartition partition{topic.name, index};
    PartitionState state{replicas.front(), 0, replicas, replicas, {}};
    const bool own = state.leader == broker_;
    if (own &&
        replicas_.become_leader(partition, state, topic.configs, topic.id, index >= first_new)
                .code != ErrorCode::kNone) {
      without_leader(state);
    }
    states[partition] = state;
  }
  cache_.update([&](ClusterMetadata& metadata) {
    metadata.topics[topic.name] = topic;
    for (const auto& [partition, state] : states) metadata.partitions[partition] = state;
  });
}

void StandaloneController::remove(const TopicMetadata& topic) {
  cache_.update([&](ClusterMetadata& changed) {
    for (const auto& [index, replicas] : topic.assignment)
      changed.partitions.erase({topic.name, index});
    changed.topics.erase(topic.name);
  });
  for (const auto& [index, replicas] : topic.assignment)
    replicas_.stop_and_delete({topic.name, index});
}

void StandaloneController::set_config(const std::string& topic, const ConfigMap& configs) {
  replicas_.log_manager().update_topic_config(topic, configs);
  cache_.update([&](ClusterMetadata& changed) { changed.topics.at(topic).configs = configs; });
}

void StandaloneController::take_offline(const std::vector<TopicPartition>& partitions) {
  cache_.update([&](ClusterMetadata& metadata) {
    for (const TopicPartition& partition : partitions) {
      const auto found = metadata.partitions.find(partition);
      if (found != metadata.partitions.end()) without_leader(found->second);
    }
  });
}

}  // namespace kafkascope

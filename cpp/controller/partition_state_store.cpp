#include "controller/partition_state_store.h"

namespace kafkascope {

PartitionStateStore::States ZkPartitionStateStore::read(
    const std::vector<TopicPartition>& partitions) {
  return zk_.get_topic_partition_states(partitions);
}

std::map<TopicPartition, zk::ZkError> ZkPartitionStateStore::create(const States& states) {
  return zk_.create_topic_partition_states(states, epoch_zk_version());
}

UpdateLeaderAndIsrResult ZkPartitionStateStore::update(const Changes& changes) {
  return zk_.update_leader_and_isr(changes, context_.epoch, epoch_zk_version());
}

std::set<std::string> ZkPartitionStateStore::with_unclean_leader_election(
    const std::set<std::string>& topics) {
  std::set<std::string> allowed;
  for (const std::string& topic : topics) {
    const ConfigMap configs = zk_.get_entity_configs("topics", topic);
    const auto own = configs.find("unclean.leader.election.enable");
    const bool enabled = own == configs.end() ? unclean_by_default_.load() : own->second == "true";
    if (enabled) allowed.insert(topic);
  }
  return allowed;
}

}  // namespace kafkascope

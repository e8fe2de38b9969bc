// KafkaZkClient: what the older tools leave below /admin, and configurations.
#include "common/errors.h"
#include "common/logging.h"
#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/client/zk_paths.h"

namespace kafkascope {

using zk::ZkError;

std::map<TopicPartition, std::vector<BrokerId>> KafkaZkClient::get_partition_reassignment() {
  const auto [data, stat] = get_data_and_stat(znode::kReassignPartitions);
  if (stat.czxid == 0) return {};
  try {
    return zk_json::read_reassignment(data);
  } catch (const SerializationException& wrong) {
    KS_LOG(kWarn, node_.name(), "ignoring {}: {}", znode::kReassignPartitions, wrong.what());
    return {};
  }
}

void KafkaZkClient::set_or_create_partition_reassignment(
    const std::map<TopicPartition, std::vector<BrokerId>>& reassignment,
    int32_t controller_epoch_zk_version) {
  const std::string& path = znode::kReassignPartitions;
  if (reassignment.empty()) return delete_all({path}, controller_epoch_zk_version);
  const zk::Data data = zk::to_data(zk_json::write_reassignment(reassignment));
  const ZkResponse set =
      retry_as_controller(ZkRequest{path, ZkRequest::SetData{data}}, controller_epoch_zk_version);
  if (set.error != ZkError::kNoNode) return (void)set.value();
  (void)retry_as_controller(ZkRequest{path, ZkRequest::Create{data}}, controller_epoch_zk_version)
      .value();
}

std::set<TopicPartition> KafkaZkClient::get_preferred_replica_election() {
  const auto [data, stat] = get_data_and_stat(znode::kPreferredReplicaElection);
  if (stat.czxid == 0) return {};
  try {
    return zk_json::read_partitions(data);
  } catch (const SerializationException& wrong) {
    KS_LOG(kWarn, node_.name(), "ignoring {}: {}", znode::kPreferredReplicaElection, wrong.what());
    return {};
  }
}

void KafkaZkClient::create_preferred_replica_election(const std::set<TopicPartition>& partitions) {
  const std::string& path = znode::kPreferredReplicaElection;
  const ZkError error = create_recursive(path, zk::to_data(zk_json::write_partitions(partitions)));
  if (error != ZkError::kOk) throw zk::ZkException(error, path);
}

void KafkaZkClient::delete_preferred_replica_election(int32_t controller_epoch_zk_version) {
  delete_all({znode::kPreferredReplicaElection}, controller_epoch_zk_version);
}

ConfigMap KafkaZkClient::get_entity_configs(const std::string& type, const std::string& name) {
  return zk_json::read_configs(get_data_and_stat(znode::config(type, name)).first);
}

std::map<std::string, ConfigMap> KafkaZkClient::get_all_entity_configs(const std::string& type) {
  std::vector<std::string> paths;
  for (const std::string& name : get_children(znode::configs(type))) {
    paths.push_back(znode::config(type, name));
  }
  std::map<std::string, ConfigMap> configs;
  for (const auto& [path, node] : get_existing(paths)) {
    configs[path.substr(path.rfind('/') + 1)] = zk_json::read_configs(node.data);
  }
  return configs;
}

void KafkaZkClient::set_or_create_entity_configs(const std::string& type, const std::string& name,
                                                 const ConfigMap& configs) {
  const std::string path = znode::config(type, name);
  const zk::Data data = zk::to_data(zk_json::write_configs(configs));
  const ZkRequest set{path, ZkRequest::SetData{data}};
  ZkResponse response = retry(set);
  if (response.error == ZkError::kNoNode) {
    const ZkError created = create_recursive(path, data);
    if (created == ZkError::kOk) return;
    if (created != ZkError::kNodeExists) throw zk::ZkException(created, path);
    response = retry(set);
  }
  (void)response.value();
}

void KafkaZkClient::create_config_change_notification(const std::string& entity_path) {
  make_sure_persistent_path_exists(znode::kConfigChanges);
  const std::string path = create_sequential(znode::config_change(znode::kConfigChangePrefix),
                                             zk_json::write_config_change(entity_path));
  KS_TRACE(node_, "ConfigChangeNotified", {"path", path}, {"entity", entity_path});
}

std::vector<std::string> KafkaZkClient::get_config_changes() {
  return get_children(znode::kConfigChanges);
}

std::optional<std::string> KafkaZkClient::get_config_change(const std::string& sequence_node) {
  const auto [data, stat] = get_data_and_stat(znode::config_change(sequence_node));
  if (stat.czxid == 0) return std::nullopt;
  return zk_json::read_config_change(data);
}

void KafkaZkClient::delete_config_changes(const std::vector<std::string>& sequence_nodes) {
  std::vector<std::string> paths;
  for (const std::string& node : sequence_nodes) paths.push_back(znode::config_change(node));
  delete_all(paths, zk::kAnyVersion);
}

}  // namespace kafkascope

// KafkaZkClient: what brokers tell the controller by sequential nodes.
#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/client/zk_paths.h"

namespace kafkascope {
namespace {

std::vector<std::string> all_of(const std::vector<std::string>& sequence_numbers,
                                std::string (*path)(const std::string&)) {
  std::vector<std::string> paths;
  for (const std::string& number : sequence_numbers) paths.push_back(path(number));
  return paths;
}

}  // namespace

void KafkaZkClient::propagate_isr_changes(const std::set<TopicPartition>& partitions) {
  const std::string path =
      create_sequential(znode::isr_change(""), zk_json::write_partitions(partitions));
  KS_TRACE(node_, "IsrChangeNotified", {"path", path},
           {"partitions", static_cast<int64_t>(partitions.size())});
}

std::vector<std::string> KafkaZkClient::get_isr_change_notifications() {
  return get_sequence_numbers(znode::kIsrChangeNotification, znode::kIsrChangePrefix);
}

std::set<TopicPartition> KafkaZkClient::get_partitions_from_isr_change_notifications(
    const std::vector<std::string>& sequence_numbers) {
  std::set<TopicPartition> partitions;
  for (const auto& [path, node] : get_existing(all_of(sequence_numbers, &znode::isr_change))) {
    partitions.merge(zk_json::read_partitions(node.data));
  }
  return partitions;
}

void KafkaZkClient::delete_isr_change_notifications(
    const std::vector<std::string>& sequence_numbers, int32_t controller_epoch_zk_version) {
  delete_all(all_of(sequence_numbers, &znode::isr_change), controller_epoch_zk_version);
}

void KafkaZkClient::propagate_log_dir_event(BrokerId broker) {
  const std::string path =
      create_sequential(znode::log_dir_event(""), zk_json::write_log_dir_event(broker));
  KS_TRACE(node_, "LogDirEventNotified", {"path", path}, {"broker", int64_t{broker}});
}

std::vector<std::string> KafkaZkClient::get_log_dir_event_notifications() {
  return get_sequence_numbers(znode::kLogDirEventNotification, znode::kLogDirEventPrefix);
}

std::vector<BrokerId> KafkaZkClient::get_brokers_from_log_dir_events(
    const std::vector<std::string>& sequence_numbers) {
  std::set<BrokerId> brokers;
  for (const auto& [path, node] : get_existing(all_of(sequence_numbers, &znode::log_dir_event))) {
    brokers.insert(zk_json::read_log_dir_event(node.data));
  }
  return {brokers.begin(), brokers.end()};
}

void KafkaZkClient::delete_log_dir_event_notifications(
    const std::vector<std::string>& sequence_numbers, int32_t controller_epoch_zk_version) {
  delete_all(all_of(sequence_numbers, &znode::log_dir_event), controller_epoch_zk_version);
}

}  // namespace kafkascope

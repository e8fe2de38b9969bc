// KafkaZkClient: topics and the states of their partitions.
#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/client/zk_paths.h"

namespace kafkascope {

using zk::ZkError;

std::set<std::string> KafkaZkClient::get_all_topics(bool register_watch) {
  ZkResponse response =
      retry(ZkRequest{znode::kTopics, ZkRequest::GetChildren{.register_watch = register_watch}});
  if (response.error == ZkError::kNoNode) return {};
  (void)response.value();
  return {response.children.begin(), response.children.end()};
}

bool KafkaZkClient::topic_exists(const std::string& topic) {
  return path_exists(znode::topic(topic));
}

std::vector<TopicAssignment> KafkaZkClient::get_topic_assignments(
    const std::set<std::string>& topics) {
  std::vector<std::string> paths;
  for (const std::string& topic : topics) paths.push_back(znode::topic(topic));
  std::vector<TopicAssignment> assignments;
  for (const auto& [path, node] : get_existing(paths)) {
    assignments.push_back(zk_json::read_topic(path.substr(znode::kTopics.size() + 1), node.data));
  }
  return assignments;
}

void KafkaZkClient::create_topic_assignment(const TopicAssignment& assignment) {
  const std::string path = znode::topic(assignment.topic);
  const ZkError error = create_recursive(path, zk::to_data(zk_json::write_topic(assignment)));
  if (error != ZkError::kOk) throw zk::ZkException(error, path);
}

void KafkaZkClient::set_topic_assignment(const TopicAssignment& assignment,
                                         int32_t controller_epoch_zk_version) {
  (void)retry_as_controller(
      ZkRequest{znode::topic(assignment.topic),
                ZkRequest::SetData{zk::to_data(zk_json::write_topic(assignment))}},
      controller_epoch_zk_version)
      .value();
}

void KafkaZkClient::create_partition_paths(const std::set<TopicPartition>& partitions,
                                           int32_t controller_epoch_zk_version) {
  std::set<std::string> topics;
  for (const TopicPartition& tp : partitions) topics.insert(znode::topic_partitions(tp.topic));
  std::vector<ZkRequest> parents;
  for (const std::string& path : topics) parents.push_back({path, ZkRequest::Create{}});
  std::vector<ZkRequest> children;
  for (const TopicPartition& tp : partitions) {
    children.push_back({znode::topic_partition(tp), ZkRequest::Create{}});
  }
  // A missing parent is not an error here: what is to stand below it reports that.
  (void)retry_as_controller(std::move(parents), controller_epoch_zk_version);
  (void)retry_as_controller(std::move(children), controller_epoch_zk_version);
}

std::map<TopicPartition, LeaderIsrAndControllerEpoch> KafkaZkClient::get_topic_partition_states(
    const std::vector<TopicPartition>& partitions) {
  std::vector<std::string> paths;
  for (const TopicPartition& tp : partitions) paths.push_back(znode::topic_partition_state(tp));
  const std::map<std::string, ZkResponse> found = get_existing(paths);
  std::map<TopicPartition, LeaderIsrAndControllerEpoch> states;
  for (size_t i = 0; i < partitions.size(); ++i) {
    if (const auto node = found.find(paths[i]); node != found.end()) {
      states[partitions[i]] =
          zk_json::read_partition_state(node->second.data, node->second.stat.version);
    }
  }
  return states;
}

std::map<TopicPartition, ZkError> KafkaZkClient::create_topic_partition_states(
    const std::map<TopicPartition, LeaderIsrAndControllerEpoch>& states,
    int32_t controller_epoch_zk_version) {
  std::set<TopicPartition> partitions;
  std::vector<ZkRequest> requests;
  for (const auto& [tp, state] : states) {
    partitions.insert(tp);
    requests.push_back({znode::topic_partition_state(tp),
                        ZkRequest::Create{zk::to_data(zk_json::write_partition_state(
                            state.leader_and_isr, state.controller_epoch))}});
  }
  create_partition_paths(partitions, controller_epoch_zk_version);
  const std::vector<ZkResponse> responses =
      retry_as_controller(std::move(requests), controller_epoch_zk_version);
  std::map<TopicPartition, ZkError> errors;
  size_t i = 0;
  for (const auto& [tp, state] : states) errors[tp] = responses[i++].error;
  return errors;
}

UpdateLeaderAndIsrResult KafkaZkClient::update_leader_and_isr(
    const std::map<TopicPartition, LeaderAndIsr>& changes, int32_t controller_epoch,
    int32_t controller_epoch_zk_version) {
  std::vector<ZkRequest> requests;
  for (const auto& [tp, state] : changes) {
    requests.push_back(
        {znode::topic_partition_state(tp),
         ZkRequest::SetData{zk::to_data(zk_json::write_partition_state(state, controller_epoch)),
                            state.partition_epoch}});
  }
  const std::vector<ZkResponse> responses =
      retry_as_controller(std::move(requests), controller_epoch_zk_version);
  UpdateLeaderAndIsrResult result;
  size_t i = 0;
  for (const auto& [tp, state] : changes) {
    const ZkResponse& response = responses[i++];
    if (response.ok()) {
      LeaderAndIsr& changed = result.finished[tp] = state;
      changed.partition_epoch = response.stat.version;
    } else if (response.error == ZkError::kBadVersion) {
      result.to_retry.push_back(tp);
    } else {
      result.failed[tp] = response.error;
    }
  }
  find_own_writes(changes, controller_epoch, result);
  return result;
}

/// A connection may break when a change is made and not yet answered: the retry meets its own
/// version.
void KafkaZkClient::find_own_writes(const std::map<TopicPartition, LeaderAndIsr>& changes,
                                    int32_t controller_epoch, UpdateLeaderAndIsrResult& result) {
  if (result.to_retry.empty()) return;
  const auto now = get_topic_partition_states(result.to_retry);
  std::erase_if(result.to_retry, [&](const TopicPartition& tp) {
    LeaderAndIsr wanted = changes.at(tp);
    ++wanted.partition_epoch;
    const auto found = now.find(tp);
    const bool is_own = found != now.end() && found->second.leader_and_isr == wanted &&
                        found->second.controller_epoch == controller_epoch;
    if (is_own) result.finished[tp] = wanted;
    return is_own;
  });
}

std::vector<std::string> KafkaZkClient::get_topic_deletions() {
  return get_children(znode::kDeleteTopics);
}

void KafkaZkClient::create_delete_topic_path(const std::string& topic) {
  const std::string path = znode::topic_deletion(topic);
  const ZkError error = create_recursive(path, std::nullopt);
  if (error != ZkError::kOk) throw zk::ZkException(error, path);
}

void KafkaZkClient::delete_topic_deletions(const std::vector<std::string>& topics,
                                           int32_t controller_epoch_zk_version) {
  std::vector<std::string> paths;
  for (const std::string& topic : topics) paths.push_back(znode::topic_deletion(topic));
  delete_all(paths, controller_epoch_zk_version);
}

void KafkaZkClient::delete_topic_znode(const std::string& topic,
                                       int32_t controller_epoch_zk_version) {
  delete_recursive(znode::topic(topic), controller_epoch_zk_version);
}

void KafkaZkClient::delete_topic_configs(const std::string& topic,
                                         int32_t controller_epoch_zk_version) {
  delete_recursive(znode::config("topics", topic), controller_epoch_zk_version);
}

}  // namespace kafkascope

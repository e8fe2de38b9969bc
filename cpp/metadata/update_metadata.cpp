#include "metadata/update_metadata.h"

#include "metadata/leader_and_isr.h"

namespace kafkascope {
namespace {

using protocol::UpdateMetadataRequest;

std::string name_of_security_protocol(int16_t id) {
  switch (id) {
    case 1:
      return "SSL";
    case 2:
      return "SASL_PLAINTEXT";
    case 3:
      return "SASL_SSL";
    default:
      return "PLAINTEXT";
  }
}

/// Port numbers are 32 bits wide in the request, whatever the sender puts there.
Endpoint endpoint(const std::string& host, int32_t port) {
  return {host, static_cast<uint16_t>(port)};
}

BrokerEndpoint to_broker(const UpdateMetadataRequest::UpdateMetadataBroker& from) {
  BrokerEndpoint broker{.id = from.id, .rack = from.rack};
  if (broker.rack && broker.rack->empty()) broker.rack.reset();
  for (const auto& at : from.endpoints) {
    const std::string protocol = name_of_security_protocol(at.security_protocol);
    // Listeners have names since version 3; before, the protocol was the name.
    broker.listeners.push_back(
        {at.listener.empty() ? protocol : at.listener, protocol, endpoint(at.host, at.port)});
  }
  if (broker.listeners.empty())  // version 0
    broker.listeners.push_back({"PLAINTEXT", "PLAINTEXT", endpoint(from.v0_host, from.v0_port)});
  broker.host = broker.listeners.front().endpoint.host;
  broker.port = broker.listeners.front().endpoint.port;
  return broker;
}

void remove_partition(ClusterMetadata& metadata, const TopicPartition& partition) {
  metadata.partitions.erase(partition);
  const auto topic = metadata.topics.find(partition.topic);
  if (topic == metadata.topics.end()) return;
  topic->second.assignment.erase(partition.partition);
  if (topic->second.assignment.empty()) metadata.topics.erase(topic);
}

/// False when the partition is deleted.
bool apply(ClusterMetadata& metadata, const TopicPartition& partition,
           const UpdateMetadataRequest::UpdateMetadataPartitionState& state) {
  if (state.leader == kLeaderDuringDelete) {
    remove_partition(metadata, partition);
    return false;
  }
  TopicMetadata& topic = metadata.topics[partition.topic];
  topic.name = partition.topic;
  topic.assignment[partition.partition] = state.replicas;
  metadata.partitions[partition] = {.leader = state.leader,
                                    .leader_epoch = state.leader_epoch,
                                    .replicas = state.replicas,
                                    .isr = state.isr,
                                    .offline_replicas = state.offline_replicas,
                                    .partition_epoch = state.zk_version,
                                    .controller_epoch = state.controller_epoch};
  return true;
}

}  // namespace

std::vector<TopicPartition> apply_update_metadata(ClusterMetadata& metadata,
                                                  const UpdateMetadataRequest& request) {
  metadata.controller_id = request.controller_id;
  metadata.controller_epoch = request.controller_epoch;
  metadata.brokers.clear();
  for (const auto& broker : request.live_brokers) metadata.brokers[broker.id] = to_broker(broker);
  std::vector<TopicPartition> deleted;
  for (const auto& state : request.ungrouped_partition_states) {
    const TopicPartition partition{state.topic_name, state.partition_index};
    if (!apply(metadata, partition, state)) deleted.push_back(partition);
  }
  for (const auto& topic : request.topic_states) {
    for (const auto& state : topic.partition_states) {
      const TopicPartition partition{topic.topic_name, state.partition_index};
      if (!apply(metadata, partition, state)) deleted.push_back(partition);
    }
    const auto known = metadata.topics.find(topic.topic_name);
    if (known != metadata.topics.end()) known->second.id = topic.topic_id;
  }
  return deleted;
}

}  // namespace kafkascope

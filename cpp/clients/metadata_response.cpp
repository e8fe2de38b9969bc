#include "clients/metadata_response.h"

#include <algorithm>

namespace kafkascope {
namespace {

PartitionInfo partition_from(
    const std::string& topic,
    const protocol::MetadataResponse::MetadataResponsePartition& partition) {
  PartitionInfo info;
  info.topic = topic;
  info.partition = partition.partition_index;
  info.error = error_code_from_wire(partition.error_code);
  info.leader = partition.leader_id;
  info.leader_epoch = partition.leader_epoch;
  info.replicas = partition.replica_nodes;
  info.in_sync_replicas = partition.isr_nodes;
  info.offline_replicas = partition.offline_replicas;
  return info;
}

}  // namespace

Cluster cluster_from_response(const protocol::MetadataResponse& response) {
  Cluster cluster;
  cluster.cluster_id = response.cluster_id.value_or("");
  cluster.controller_id = response.controller_id;
  for (const auto& broker : response.brokers) {
    const Endpoint endpoint{broker.host, static_cast<uint16_t>(broker.port)};
    cluster.brokers.emplace(broker.node_id, BrokerNode{broker.node_id, endpoint, broker.rack});
  }
  for (const auto& topic : response.topics) {
    TopicInfo info;
    info.name = topic.name.value_or("");
    info.id = topic.topic_id;
    info.error = error_code_from_wire(topic.error_code);
    info.is_internal = topic.is_internal;
    for (const auto& partition : topic.partitions)
      info.partitions.push_back(partition_from(info.name, partition));
    std::sort(
        info.partitions.begin(), info.partitions.end(),
        [](const PartitionInfo& a, const PartitionInfo& b) { return a.partition < b.partition; });
    std::string name = info.name;
    cluster.topics.emplace(std::move(name), std::move(info));
  }
  return cluster;
}

}  // namespace kafkascope

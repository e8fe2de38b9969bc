#include "clients/cluster.h"

namespace kafkascope {

std::string BrokerNode::to_string() const {
  const std::string address = endpoint.to_string();
  return is_bootstrap() ? "bootstrap server " + address
                        : "broker " + std::to_string(id) + " (" + address + ")";
}

Cluster Cluster::bootstrap(const std::vector<Endpoint>& addresses) {
  Cluster cluster;
  cluster.is_bootstrap = true;
  BrokerId id = -1;
  for (const Endpoint& address : addresses) {
    cluster.brokers.emplace(id, BrokerNode{id, address, std::nullopt});
    --id;
  }
  return cluster;
}

const BrokerNode* Cluster::broker(BrokerId id) const {
  const auto found = brokers.find(id);
  return found == brokers.end() ? nullptr : &found->second;
}

const TopicInfo* Cluster::topic(std::string_view name) const {
  const auto found = topics.find(name);
  return found == topics.end() || found->second.error != ErrorCode::kNone ? nullptr
                                                                          : &found->second;
}

const PartitionInfo* Cluster::partition(const TopicPartition& tp) const {
  const TopicInfo* info = topic(tp.topic);
  if (info == nullptr || tp.partition < 0) return nullptr;
  const size_t index = static_cast<size_t>(tp.partition);
  if (index < info->partitions.size() && info->partitions[index].partition == tp.partition) {
    return &info->partitions[index];  // the usual case: no gaps
  }
  for (const PartitionInfo& partition : info->partitions) {
    if (partition.partition == tp.partition) return &partition;
  }
  return nullptr;
}

const BrokerNode* Cluster::leader_of(const TopicPartition& tp) const {
  const PartitionInfo* info = partition(tp);
  return info == nullptr ? nullptr : broker(info->leader);
}

std::vector<PartitionIndex> Cluster::available_partitions(std::string_view name) const {
  std::vector<PartitionIndex> available;
  if (const TopicInfo* info = topic(name); info != nullptr) {
    for (const PartitionInfo& partition : info->partitions) {
      if (broker(partition.leader) != nullptr) available.push_back(partition.partition);
    }
  }
  return available;
}

std::vector<PartitionInfo> Cluster::partitions_for(std::string_view name) const {
  const TopicInfo* info = topic(name);
  return info == nullptr ? std::vector<PartitionInfo>{} : info->partitions;
}

}  // namespace kafkascope

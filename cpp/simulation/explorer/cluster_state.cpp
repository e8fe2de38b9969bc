#include "simulation/explorer/cluster_state.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "simulation/invariants/cluster_view.h"
#include "zookeeper/client/zk_paths.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {
namespace {

constexpr const char* kTopic = "t";

}  // namespace

std::vector<std::string> ClusterState::brokers() const {
  std::vector<std::string> all;
  for (BrokerId id = 1; id <= simulation_.options().brokers; ++id) all.push_back(broker_node(id));
  return all;
}

bool ClusterState::is_up(const std::string& node) const {
  if (!simulation_.is_running(node) || simulation_.has_ended(node)) return false;
  const Process& process = simulation_.process(node);
  return process.ready && !process.leaving;
}

bool ClusterState::all_run() const {
  const std::vector<std::string> all = brokers();
  return is_up(kZooKeeperNode) &&
         std::all_of(all.begin(), all.end(), [this](const auto& node) { return is_up(node); });
}

zk::Data ClusterState::data(const std::string& path) const {
  if (!is_up(kZooKeeperNode)) return {};
  const auto node = simulation_.process(kZooKeeperNode).zookeeper->get(path);
  return node ? node->data : zk::Data{};
}

std::optional<LeaderAndIsr> ClusterState::state(PartitionIndex partition) const {
  const zk::Data found = data(znode::topic_partition_state({kTopic, partition}));
  if (!found) return std::nullopt;
  return zk_json::read_partition_state(found, 0).leader_and_isr;
}

std::optional<TopicAssignment> ClusterState::assignment() const {
  const zk::Data found = data(znode::topic(kTopic));
  if (!found) return std::nullopt;
  return zk_json::read_topic(kTopic, found);
}

bool ClusterState::all_in_sync() const {
  const auto assigned = assignment();
  if (!assigned) return false;
  for (PartitionIndex partition = 0; partition < partitions_; ++partition) {
    const auto now = state(partition);
    const auto replicas = assigned->partitions.find(partition);
    if (!now || now->leader < 0 || replicas == assigned->partitions.end()) return false;
    if (replicas->second.is_being_reassigned()) return false;
    if (now->isr.size() != replicas->second.replicas.size()) return false;
  }
  return true;
}

bool ClusterState::in_an_isr(const std::string& broker) const {
  for (PartitionIndex partition = 0; partition < partitions_; ++partition) {
    const auto now = state(partition);
    if (!now) return true;
    for (const BrokerId id : now->isr) {
      if (broker_node(id) == broker) return true;
    }
  }
  return false;
}

std::string ClusterState::controller() const {
  const zk::Data found = data(znode::kController);
  return found ? broker_node(zk_json::read_controller(found)) : std::string();
}

std::string ClusterState::report() const {
  std::string lines;
  for (PartitionIndex partition = 0; partition < partitions_; ++partition) {
    if (const auto now = state(partition))
      lines += fmt::format("  {}-{}: leader {}, epoch {}, ISR {}\n", kTopic, partition, now->leader,
                           now->leader_epoch, fmt::join(now->isr, ","));
    else
      lines += fmt::format("  {}-{}: no state\n", kTopic, partition);
  }
  for (const std::string& broker : brokers()) {
    if (!is_up(broker)) lines += fmt::format("  {} is not up\n", broker);
  }
  return lines;
}

}  // namespace kafkascope

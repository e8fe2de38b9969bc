#include "simulation/invariants/cluster_view.h"

#include <fmt/core.h>

#include "log/log_file_names.h"
#include "replication/replica_manager.h"
#include "server/kafka_server.h"
#include "simulation/invariants/event_fields.h"
#include "zookeeper/client/zk_json.h"
#include "zookeeper/client/zk_paths.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {
namespace {

/// "/brokers/topics/t/partitions/0/state" is about "t-0".
std::optional<std::string> partition_of_state(const std::string& path) {
  constexpr std::string_view kEnd = "/state";
  const std::string topics = znode::kTopics + "/";
  const size_t middle = path.find("/partitions/");
  if (!path.starts_with(topics) || !path.ends_with(kEnd) || middle == std::string::npos)
    return std::nullopt;
  const size_t number = middle + std::string_view("/partitions/").size();
  return path.substr(topics.size(), middle - topics.size()) + "-" +
         path.substr(number, path.size() - kEnd.size() - number);
}

/// "/brokers/topics/t" is about "t".
std::optional<std::string> topic_of(const std::string& path) {
  const std::string topics = znode::kTopics + "/";
  if (!path.starts_with(topics) || path.find('/', topics.size()) != std::string::npos)
    return std::nullopt;
  return path.substr(topics.size());
}

}  // namespace

std::string broker_node(BrokerId id) { return fmt::format("broker-{}", id); }

std::shared_ptr<Partition> running_partition(Simulation& simulation, const std::string& node,
                                             const std::string& partition) {
  if (!simulation.is_running(node)) return nullptr;
  KafkaServer* const server = simulation.process(node).server;
  const auto name = parse_topic_partition_name(partition);
  if (server == nullptr || !server->is_started() || !name) return nullptr;
  return server->replica_manager().find_partition(*name);
}

std::set<std::string> ClusterView::learn(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind != "ZNodeCreated" && kind != "ZNodeChanged" && kind != "ZNodeDeleted") return {};
  if (!simulation.is_running(event.node)) return {};
  const std::string& path = text(event, "path");
  zk::ZooKeeperServer& zookeeper = *simulation.process(event.node).zookeeper;
  const auto node = zookeeper.get(path);
  if (const auto partition = partition_of_state(path)) {
    if (!node) {
      partitions_.erase(*partition);
    } else {
      const auto read = zk_json::read_partition_state(node->data, node->stat.version);
      partitions_[*partition] = {read.leader_and_isr, read.controller_epoch, node->stat.mzxid};
    }
    // It may have been there before we looked on.
    if (const auto epoch = zookeeper.get(znode::kControllerEpoch)) {
      controller_epoch_ = zk_json::read_controller_epoch(epoch->data);
      controller_epoch_changed_ = epoch->stat.mzxid;
    }
    return {*partition};
  }
  if (const auto topic = topic_of(path); topic && node) {
    for (const auto& [index, assigned] : zk_json::read_topic(*topic, node->data).partitions)
      replicas_[TopicPartition{*topic, index}.to_string()] = assigned.replicas;
  }
  return {};
}

const ClusterView::PartitionView* ClusterView::find(const std::string& partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? nullptr : &found->second;
}

std::vector<BrokerId> ClusterView::replicas(const std::string& partition) const {
  const auto found = replicas_.find(partition);
  return found == replicas_.end() ? std::vector<BrokerId>{} : found->second;
}

}  // namespace kafkascope

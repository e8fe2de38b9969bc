// Cluster: one immutable picture of brokers, topics, leaders, as a metadata response drew it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/error_code.h"
#include "common/types.h"
#include "common/uuid.h"
#include "runtime/network.h"

namespace kafkascope {

/// A broker's address as it advertises itself (Kafka's Node; ours is the runtime's). Ids below zero
/// are bootstrap addresses whose real id is not known yet.
struct BrokerNode {
  BrokerId id = -1;
  Endpoint endpoint;
  std::optional<std::string> rack;

  bool is_bootstrap() const { return id < 0; }
  bool operator==(const BrokerNode&) const = default;
  /// "broker 1 (127.0.0.1:9092)"
  std::string to_string() const;
};

/// One partition as the cluster last described it (Kafka's PartitionInfo with its leader epoch).
struct PartitionInfo {
  std::string topic;
  PartitionIndex partition = 0;
  ErrorCode error = ErrorCode::kNone;
  BrokerId leader = -1;  // -1: none is known
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
  std::vector<BrokerId> replicas;
  std::vector<BrokerId> in_sync_replicas;
  std::vector<BrokerId> offline_replicas;

  bool operator==(const PartitionInfo&) const = default;
};

struct TopicInfo {
  std::string name;
  Uuid id;  // all zero below Metadata v10
  ErrorCode error = ErrorCode::kNone;
  bool is_internal = false;
  std::vector<PartitionInfo> partitions;  // by index, ascending
};

/// Values only, shared between threads as shared_ptr<const Cluster>.
struct Cluster {
  std::string cluster_id;
  BrokerId controller_id = -1;
  std::map<BrokerId, BrokerNode> brokers;
  std::map<std::string, TopicInfo, std::less<>> topics;
  bool is_bootstrap = false;  // only the addresses that the user gave

  static Cluster bootstrap(const std::vector<Endpoint>& addresses);

  const BrokerNode* broker(BrokerId id) const;
  /// Null when the topic is unknown or has an error.
  const TopicInfo* topic(std::string_view name) const;
  const PartitionInfo* partition(const TopicPartition& tp) const;
  /// Null when no leader is known.
  const BrokerNode* leader_of(const TopicPartition& tp) const;
  /// Indexes of the partitions whose leader is known.
  std::vector<PartitionIndex> available_partitions(std::string_view topic) const;
  /// Empty when the topic is unknown.
  std::vector<PartitionInfo> partitions_for(std::string_view topic) const;
};

}  // namespace kafkascope

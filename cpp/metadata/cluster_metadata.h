// ClusterMetadata: brokers, topics and partitions as one immutable picture.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/config_def.h"
#include "common/types.h"
#include "common/uuid.h"
#include "metadata/broker.h"

namespace kafkascope {

/// A broker and where clients reach it: at its first listener, or at one by name.
struct BrokerEndpoint {
  BrokerId id = -1;
  std::string host;
  int32_t port = -1;
  std::optional<std::string> rack;
  std::vector<BrokerListener> listeners{};

  /// Null when the broker has no such listener.
  const BrokerListener* find_listener(const std::string& name) const;
};

/// A topic as it was asked for: what the store keeps.
struct TopicMetadata {
  std::string name;
  Uuid id;
  std::map<PartitionIndex, std::vector<BrokerId>>
      assignment;     // the replicas; the preferred leader first
  ConfigMap configs;  // overrides of the broker's defaults
};

/// Who leads a partition now; -1: nobody.
struct PartitionState {
  BrokerId leader = -1;
  LeaderEpoch leader_epoch = 0;
  std::vector<BrokerId> replicas{};
  std::vector<BrokerId> isr{};
  std::vector<BrokerId> offline_replicas{};  // their log directory failed
  int32_t partition_epoch = 0;               // the version of the state's znode
  int32_t controller_epoch = 0;              // of the controller that decided this
  std::vector<BrokerId> adding_replicas{};   // while the partition is reassigned
  std::vector<BrokerId> removing_replicas{};
};

struct ClusterMetadata {
  std::string cluster_id;
  BrokerId controller_id = -1;
  int32_t controller_epoch = 0;
  std::map<BrokerId, BrokerEndpoint> brokers;  // that live
  std::map<std::string, TopicMetadata> topics;
  std::map<TopicPartition, PartitionState> partitions;

  const TopicMetadata* find_topic(const std::string& name) const;
  const TopicMetadata* find_topic(const Uuid& id) const;
};

/// Topics that only coordinators write to.
bool is_internal_topic(const std::string& name);

}  // namespace kafkascope

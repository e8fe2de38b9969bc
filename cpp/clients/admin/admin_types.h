// What the admin client takes and returns: plain values, one error per item as on the wire.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clients/cluster.h"
#include "clients/list_offsets.h"
#include "common/errors.h"

namespace kafkascope {

struct NewTopic {
  std::string name;
  int32_t partitions = -1;                                      // -1: the broker's default
  int16_t replication_factor = -1;                              // -1: the broker's default
  std::map<PartitionIndex, std::vector<BrokerId>> assignments;  // instead of the two counts
  std::map<std::string, std::string> configs;
};

/// New total, and optionally the replicas of each added partition.
struct NewPartitions {
  int32_t total_count = 0;
  std::vector<std::vector<BrokerId>> assignments;
};

enum class ConfigResourceType : int8_t { kUnknown = 0, kTopic = 2, kBroker = 4, kBrokerLogger = 8 };

struct ConfigResource {
  ConfigResourceType type = ConfigResourceType::kTopic;
  std::string name;  // topic, or broker id; empty broker name: the cluster-wide defaults
  auto operator<=>(const ConfigResource&) const = default;
};

struct ConfigSynonym {
  std::string name;
  std::optional<std::string> value;
  int8_t source = 0;
};

struct ConfigEntry {
  std::string name;
  std::optional<std::string> value;  // empty when null or sensitive
  bool read_only = false;
  bool is_default = false;
  bool is_sensitive = false;
  int8_t source =
      0;  // 1 topic, 2 dynamic broker, 3 dynamic default broker, 4 static broker, 5 default
  int8_t type = 0;
  std::string documentation;
  std::vector<ConfigSynonym> synonyms;
};

enum class AlterConfigOpType : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

struct AlterConfigOp {
  std::string name;
  AlterConfigOpType type = AlterConfigOpType::kSet;
  std::optional<std::string> value;
};

struct ClusterDescription {
  std::string cluster_id;
  BrokerId controller_id = -1;
  std::vector<BrokerNode> brokers;
};

struct ReplicaDescription {
  TopicPartition topic_partition;
  int64_t size_bytes = 0;
  int64_t offset_lag = 0;
  bool is_future = false;
};

struct LogDirDescription {
  std::string path;
  ErrorCode error = ErrorCode::kNone;
  int64_t total_bytes = -1;  // -1: the broker does not say
  int64_t usable_bytes = -1;
  std::vector<ReplicaDescription> replicas;
};

struct ListOffsetsResultInfo {
  Offset offset = kNoOffset;
  TimestampMs timestamp = kNoTimestamp;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;
};

/// What became of one topic of create_topics.
struct CreatedTopic {
  Uuid id;
  int32_t partitions = -1;
  int16_t replication_factor = -1;
};

struct Done {};

}  // namespace kafkascope

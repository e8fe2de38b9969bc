// What Kafka writes into its znodes, from values and back.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/config_def.h"
#include "common/uuid.h"
#include "metadata/broker.h"
#include "metadata/leader_and_isr.h"
#include "zookeeper/zk_types.h"

namespace kafkascope {

/// What /brokers/topics/<topic> says.
struct TopicAssignment {
  std::string topic;
  std::optional<Uuid> topic_id;  // none: written by a Kafka before 2.8
  std::map<PartitionIndex, ReplicaAssignment> partitions;
};

/// Producer ids that one broker hands out: [start, end].
struct ProducerIdBlock {
  BrokerId broker = -1;
  ProducerId start = 0;
  ProducerId end = 0;
  bool operator==(const ProducerIdBlock&) const = default;
};

}  // namespace kafkascope

/// Writing: byte for byte what Kafka 3.9 writes, keys in its order. Reading takes what any older
/// Kafka wrote; throws SerializationException for anything else.
namespace kafkascope::zk_json {

std::string write_broker(const Broker& broker, TimestampMs now);
Broker read_broker(BrokerId id, zk::Data const& data);

std::string write_controller(BrokerId id, TimestampMs now);
BrokerId read_controller(const zk::Data& data);
int32_t read_controller_epoch(const zk::Data& data);

std::string write_topic(const TopicAssignment& assignment);
TopicAssignment read_topic(const std::string& topic, const zk::Data& data);
std::string write_partition_state(const LeaderAndIsr& state, int32_t controller_epoch);
/// `version`: the znode's.
LeaderIsrAndControllerEpoch read_partition_state(const zk::Data& data, int32_t version);

std::string write_partitions(const std::set<TopicPartition>& partitions);
std::set<TopicPartition> read_partitions(const zk::Data& data);
std::string write_reassignment(const std::map<TopicPartition, std::vector<BrokerId>>& reassignment);
std::map<TopicPartition, std::vector<BrokerId>> read_reassignment(const zk::Data& data);
std::string write_log_dir_event(BrokerId broker);
BrokerId read_log_dir_event(const zk::Data& data);

std::string write_configs(const ConfigMap& configs);
ConfigMap read_configs(const zk::Data& data);
std::string write_config_change(const std::string& entity_path);
/// "topics/orders", "users/alice/clients/app"
std::string read_config_change(const zk::Data& data);

std::string write_cluster_id(const std::string& id);
std::string read_cluster_id(const zk::Data& data);
std::string write_producer_id_block(const ProducerIdBlock& block);
ProducerIdBlock read_producer_id_block(const zk::Data& data);

}  // namespace kafkascope::zk_json

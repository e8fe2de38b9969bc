// Where Kafka keeps what in ZooKeeper.
#pragma once

#include <string>

#include "common/types.h"

namespace kafkascope::znode {

inline const std::string kBrokerIds = "/brokers/ids";
inline const std::string kTopics = "/brokers/topics";
inline const std::string kBrokerSequenceId = "/brokers/seqid";
inline const std::string kClusterId = "/cluster/id";
inline const std::string kController = "/controller";
inline const std::string kControllerEpoch = "/controller_epoch";
inline const std::string kDeleteTopics = "/admin/delete_topics";
inline const std::string kPreferredReplicaElection = "/admin/preferred_replica_election";
inline const std::string kReassignPartitions = "/admin/reassign_partitions";
inline const std::string kIsrChangeNotification = "/isr_change_notification";
inline const std::string kLogDirEventNotification = "/log_dir_event_notification";
inline const std::string kConfig = "/config";
inline const std::string kConfigChanges = "/config/changes";
inline const std::string kProducerIdBlock = "/latest_producer_id_block";

// Names of sequential nodes begin so; ZooKeeper adds ten digits.
inline const std::string kIsrChangePrefix = "isr_change_";
inline const std::string kLogDirEventPrefix = "log_dir_event_";
inline const std::string kConfigChangePrefix = "config_change_";

inline std::string broker(BrokerId id) { return kBrokerIds + "/" + std::to_string(id); }
inline std::string topic(const std::string& name) { return kTopics + "/" + name; }
inline std::string topic_partitions(const std::string& name) { return topic(name) + "/partitions"; }
inline std::string topic_partition(const TopicPartition& tp) {
  return topic_partitions(tp.topic) + "/" + std::to_string(tp.partition);
}
inline std::string topic_partition_state(const TopicPartition& tp) {
  return topic_partition(tp) + "/state";
}
inline std::string topic_deletion(const std::string& name) { return kDeleteTopics + "/" + name; }
inline std::string isr_change(const std::string& sequence_number) {
  return kIsrChangeNotification + "/" + kIsrChangePrefix + sequence_number;
}
inline std::string log_dir_event(const std::string& sequence_number) {
  return kLogDirEventNotification + "/" + kLogDirEventPrefix + sequence_number;
}
inline std::string configs(const std::string& type) { return kConfig + "/" + type; }
inline std::string config(const std::string& type, const std::string& name) {
  return configs(type) + "/" + name;
}
inline std::string config_change(const std::string& node) { return kConfigChanges + "/" + node; }

}  // namespace kafkascope::znode

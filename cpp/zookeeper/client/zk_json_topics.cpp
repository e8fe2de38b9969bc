// Topics, the states of their partitions, and lists of partitions.
#include "zookeeper/client/zk_json.h"
#include "zookeeper/client/zk_json_support.h"

namespace kafkascope::zk_json {
namespace {

constexpr int kTopicVersion = 3;
constexpr int kStateVersion = 1;
constexpr int kListVersion = 1;
constexpr int kLogDirFailure = 1;

/// {"0":[1,2]} with those partitions that have any.
Json replicas_by_partition(const TopicAssignment& assignment,
                           std::vector<BrokerId> ReplicaAssignment::* which, bool even_empty) {
  Json json = Json::object();
  for (const auto& [partition, replicas] : assignment.partitions) {
    if (even_empty || !(replicas.*which).empty()) {
      json[std::to_string(partition)] = replicas.*which;
    }
  }
  return json;
}

void read_replicas(const Json& json, const char* key, TopicAssignment& assignment,
                   std::vector<BrokerId> ReplicaAssignment::* which) {
  const Json by_partition = json.value(key, Json::object());
  for (const auto& [partition, replicas] : by_partition.items()) {
    assignment.partitions[number_of<PartitionIndex>("topic: partition", partition)].*which =
        replicas.get<std::vector<BrokerId>>();
  }
}

TopicPartition read_partition(const Json& json) {
  return {json.at("topic").get<std::string>(), json.at("partition").get<PartitionIndex>()};
}

Json partition_json(const TopicPartition& tp) {
  Json json;
  json["topic"] = tp.topic;
  json["partition"] = tp.partition;
  return json;
}

std::string list_json(Json partitions) {
  Json json;
  json["version"] = kListVersion;
  json["partitions"] = std::move(partitions);
  return json.dump();
}

}  // namespace

std::string write_topic(const TopicAssignment& assignment) {
  Json json;
  json["partitions"] = replicas_by_partition(assignment, &ReplicaAssignment::replicas, true);
  if (assignment.topic_id) json["topic_id"] = assignment.topic_id->to_string();
  json["adding_replicas"] = replicas_by_partition(assignment, &ReplicaAssignment::adding, false);
  json["removing_replicas"] =
      replicas_by_partition(assignment, &ReplicaAssignment::removing, false);
  json["version"] = kTopicVersion;
  return json.dump();
}

TopicAssignment read_topic(const std::string& topic, const zk::Data& data) {
  return parsed("topic", data, [&](const Json& json) {
    TopicAssignment assignment{topic, std::nullopt, {}};
    if (const auto id = json.find("topic_id"); id != json.end()) {
      assignment.topic_id = Uuid::parse(id->get<std::string>());
    }
    read_replicas(json, "partitions", assignment, &ReplicaAssignment::replicas);
    read_replicas(json, "adding_replicas", assignment, &ReplicaAssignment::adding);
    read_replicas(json, "removing_replicas", assignment, &ReplicaAssignment::removing);
    return assignment;
  });
}

std::string write_partition_state(const LeaderAndIsr& state, int32_t controller_epoch) {
  Json json;
  json["controller_epoch"] = controller_epoch;
  json["leader"] = state.leader;
  json["version"] = kStateVersion;
  json["leader_epoch"] = state.leader_epoch;
  json["isr"] = state.isr;
  return json.dump();
}

LeaderIsrAndControllerEpoch read_partition_state(const zk::Data& data, int32_t version) {
  return parsed("partition state", data, [&](const Json& json) {
    LeaderIsrAndControllerEpoch state;
    state.leader_and_isr.leader = json.at("leader").get<BrokerId>();
    state.leader_and_isr.leader_epoch = json.at("leader_epoch").get<LeaderEpoch>();
    state.leader_and_isr.isr = json.at("isr").get<std::vector<BrokerId>>();
    state.leader_and_isr.partition_epoch = version;
    state.controller_epoch = json.at("controller_epoch").get<int32_t>();
    return state;
  });
}

std::string write_partitions(const std::set<TopicPartition>& partitions) {
  Json list = Json::array();
  for (const TopicPartition& tp : partitions) list.push_back(partition_json(tp));
  return list_json(std::move(list));
}

std::set<TopicPartition> read_partitions(const zk::Data& data) {
  return parsed("partitions", data, [](const Json& json) {
    std::set<TopicPartition> partitions;
    for (const Json& item : json.at("partitions")) partitions.insert(read_partition(item));
    return partitions;
  });
}

std::string write_reassignment(
    const std::map<TopicPartition, std::vector<BrokerId>>& reassignment) {
  Json list = Json::array();
  for (const auto& [tp, replicas] : reassignment) {
    list.push_back(partition_json(tp));
    list.back()["replicas"] = replicas;
  }
  return list_json(std::move(list));
}

std::map<TopicPartition, std::vector<BrokerId>> read_reassignment(const zk::Data& data) {
  return parsed("reassignment", data, [](const Json& json) {
    std::map<TopicPartition, std::vector<BrokerId>> reassignment;
    for (const Json& item : json.at("partitions")) {
      reassignment[read_partition(item)] = item.at("replicas").get<std::vector<BrokerId>>();
    }
    return reassignment;
  });
}

std::string write_log_dir_event(BrokerId broker) {
  Json json;
  json["version"] = kListVersion;
  json["broker"] = broker;
  json["event"] = kLogDirFailure;
  return json.dump();
}

BrokerId read_log_dir_event(const zk::Data& data) {
  return parsed("log directory event", data,
                [](const Json& json) { return json.at("broker").get<BrokerId>(); });
}

}  // namespace kafkascope::zk_json

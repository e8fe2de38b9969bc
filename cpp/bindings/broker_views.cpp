#include "bindings/broker_views.h"

#include <pybind11/stl.h>

#include "metadata/metadata_cache.h"
#include "replication/replica_manager.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_server.h"

namespace py = pybind11;

namespace kafkascope::bindings {

std::vector<std::string> topics_of(KafkaServer& server) {
  std::vector<std::string> names;
  for (const auto& [name, topic] : server.metadata_cache().current()->topics) names.push_back(name);
  return names;
}

py::dict partition_of(KafkaServer& server, const std::string& topic, PartitionIndex index) {
  const std::shared_ptr<Partition> found = server.replica_manager().find_partition({topic, index});
  if (found == nullptr) {
    throw KafkaException(ErrorCode::kUnknownTopicOrPartition,
                         "this broker has no partition " + topic + "-" + std::to_string(index));
  }
  const PartitionDescription description = found->describe();
  py::dict dict;
  dict["topic"] = description.topic_partition.topic;
  dict["partition"] = description.topic_partition.partition;
  dict["leader"] = description.state.leader;
  dict["leader_epoch"] = description.state.leader_epoch;
  dict["replicas"] = description.state.replicas;
  dict["in_sync_replica_ids"] = description.state.isr;
  dict["log_start_offset"] = description.log_start_offset;
  dict["high_watermark"] = description.high_watermark;
  dict["log_end_offset"] = description.log_end_offset;
  return dict;
}

std::map<std::string, std::map<std::string, double>> metrics_of(KafkaServer& server) {
  std::map<std::string, std::map<std::string, double>> found;
  for (const auto& [name, attributes] : server.metrics().snapshot())
    found[name.mbean()] = attributes;
  return found;
}

}  // namespace kafkascope::bindings

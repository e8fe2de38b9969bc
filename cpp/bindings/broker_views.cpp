#include "bindings/broker_views.h"

#include <pybind11/stl.h>

#include "bindings/log_dicts.h"
#include "log/cleaner/log_cleaner.h"
#include "log/log_reader.h"
#include "metadata/metadata_cache.h"
#include "replication/replica_manager.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/kafka_server.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

KafkaException no_partition(const std::string& topic, PartitionIndex index) {
  return {ErrorCode::kUnknownTopicOrPartition,
          "this broker has no partition " + topic + "-" + std::to_string(index)};
}

py::list replicas_of(const PartitionDescription& description) {
  py::list replicas;
  for (const ReplicaProgress& replica : description.replicas) {
    py::dict dict;
    dict["broker"] = replica.broker;
    dict["is_in_sync"] = replica.is_in_sync;
    dict["is_adding"] = replica.is_adding;
    dict["is_removing"] = replica.is_removing;
    dict["log_start_offset"] = replica.log_start_offset;
    dict["log_end_offset"] = replica.log_end_offset;
    dict["lag"] = replica.lag;
    dict["ms_since_caught_up"] = replica.ms_since_caught_up;
    replicas.append(dict);
  }
  return replicas;
}

}  // namespace

std::vector<std::string> topics_of(KafkaServer& server) {
  std::vector<std::string> names;
  // Held by name: a range-for does not keep what its range was taken from.
  const auto image = server.metadata_cache().current();
  for (const auto& [name, topic] : image->topics) names.push_back(name);
  return names;
}

std::vector<std::string> offline_log_dirs_of(KafkaServer& server) {
  const LogManager& logs = server.replica_manager().log_manager();
  std::vector<std::string> offline;
  for (const std::string& dir : logs.log_dirs()) {
    if (!logs.is_log_dir_online(dir)) offline.push_back(dir);
  }
  return offline;
}

py::dict partition_of(KafkaServer& server, const std::string& topic, PartitionIndex index) {
  const auto found = server.replica_manager().get_partition_or_error({topic, index});
  if (found.code() == ErrorCode::kKafkaStorageError)
    throw KafkaStorageException(found.error().message);
  if (!found.ok()) throw no_partition(topic, index);
  const PartitionDescription description = (*found)->describe();
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
  dict["partition_epoch"] = description.state.partition_epoch;
  dict["is_leader"] = description.is_leader;
  dict["isr_change_pending"] = description.isr_change_pending;
  dict["progress"] = replicas_of(description);
  return dict;
}

py::dict log_of(KafkaServer& server, const std::string& topic, PartitionIndex index) {
  const std::shared_ptr<Log> log = server.replica_manager().log_manager().get_log({topic, index});
  if (log == nullptr) throw no_partition(topic, index);
  LogDescription description;
  {
    const py::gil_scoped_release released;
    description = describe_with_batches(*log);
  }
  return log_to_dict(description);
}

py::dict cleaner_of(KafkaServer& server) {
  const LogCleaner* cleaner = server.replica_manager().log_manager().cleaner();
  py::dict checkpoints;
  py::list cleanings;
  if (cleaner != nullptr) {
    for (const auto& [partition, offset] : cleaner->manager().all_cleaner_checkpoints())
      checkpoints[py::make_tuple(partition.topic, partition.partition)] = offset;
    for (const CleanerStats& stats : cleaner->last_stats()) {
      py::dict cleaning = cleaner_stats_to_dict(stats);
      cleaning["topic"] = stats.partition.topic;
      cleaning["partition"] = stats.partition.partition;
      cleanings.append(cleaning);
    }
  }
  py::dict dict;
  dict["enabled"] = cleaner != nullptr;
  dict["checkpoints"] = checkpoints;
  dict["last_cleanings"] = cleanings;
  return dict;
}

py::dict purgatory_of(KafkaServer& server, const std::string& name) {
  ReplicaManager& replicas = server.replica_manager();
  const PurgatoryDescription description = name == "Fetch"
                                               ? replicas.fetch_purgatory().describe()
                                               : replicas.produce_purgatory().describe();
  py::dict watchers;
  for (const auto& [key, operations] : description.watchers)
    watchers[py::str(key)] = py::cast(operations);
  py::dict dict;
  dict["name"] = description.name;
  dict["watched"] = description.watched;
  dict["delayed"] = description.delayed;
  dict["watchers"] = watchers;
  dict["timer"] = timer_to_dict(description.timer);
  return dict;
}

std::map<std::string, std::map<std::string, double>> metrics_of(KafkaServer& server) {
  const py::gil_scoped_release released;  // a gauge may wait for a thread that waits for the GIL
  std::map<std::string, std::map<std::string, double>> found;
  for (const auto& [name, attributes] : server.metrics().snapshot())
    found[name.mbean()] = attributes;
  return found;
}

}  // namespace kafkascope::bindings

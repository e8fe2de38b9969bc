#include "bindings/controller_views.h"

#include <pybind11/stl.h>

#include "server/cluster_membership.h"
#include "server/kafka_server.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::list live_brokers_of(const ControllerContext& context) {
  py::list brokers;
  for (const auto& [id, entry] : context.live_or_shutting_down_brokers()) {
    const auto& [broker, epoch] = entry;
    py::dict dict;
    dict["broker"] = id;
    dict["epoch"] = epoch;
    dict["is_shutting_down"] = !context.is_live_broker(id);
    dict["rack"] = broker.rack;
    brokers.append(dict);
  }
  return brokers;
}

py::list partitions_of(const ControllerContext& context) {
  py::list partitions;
  for (const auto& [partition, state] : context.partition_states()) {
    const ReplicaAssignment& assignment = context.partition_full_replica_assignment(partition);
    const LeaderIsrAndControllerEpoch* known = context.partition_leadership_info(partition);
    const LeaderAndIsr leadership = known == nullptr ? LeaderAndIsr{} : known->leader_and_isr;
    py::dict dict;
    dict["topic"] = partition.topic;
    dict["partition"] = partition.partition;
    dict["state"] = controller::to_string(state);
    dict["leader"] = leadership.leader;
    dict["leader_epoch"] = leadership.leader_epoch;
    dict["in_sync_replica_ids"] = leadership.isr;
    dict["partition_epoch"] = leadership.partition_epoch;
    dict["replicas"] = assignment.replicas;
    dict["adding_replicas"] = assignment.adding;
    dict["removing_replicas"] = assignment.removing;
    partitions.append(dict);
  }
  return partitions;
}

py::list replicas_of(const ControllerContext& context) {
  py::list replicas;
  for (const auto& [replica, state] : context.replica_states()) {
    py::dict dict;
    dict["topic"] = replica.topic_partition.topic;
    dict["partition"] = replica.topic_partition.partition;
    dict["broker"] = replica.replica;
    dict["state"] = controller::to_string(state);
    replicas.append(dict);
  }
  return replicas;
}

py::dict to_dict(const FetcherThreadDescription& thread) {
  py::list partitions;
  for (const FollowedPartitionDescription& followed : thread.partitions) {
    py::dict dict;
    dict["topic"] = followed.topic_partition.topic;
    dict["partition"] = followed.topic_partition.partition;
    dict["state"] = followed.state;
    dict["fetch_offset"] = followed.fetch_offset;
    dict["lag"] = followed.lag;
    dict["current_leader_epoch"] = followed.current_leader_epoch;
    partitions.append(dict);
  }
  py::dict dict;
  dict["name"] = thread.name;
  dict["leader"] = thread.leader.id;
  dict["partitions"] = partitions;
  return dict;
}

}  // namespace

py::object controller_of(KafkaServer& server) {
  ClusterMembership* cluster = server.cluster();
  if (cluster == nullptr) return py::none();
  ControllerDescription description;
  {
    const py::gil_scoped_release released;
    description = cluster->controller().describe();
  }
  const ControllerContext& context = description.context;
  py::dict dict;
  dict["broker"] = server.broker_id();
  dict["is_active"] = description.active;
  dict["active_controller_id"] = description.active_controller_id;
  dict["epoch"] = context.epoch;
  dict["state"] = to_string(description.state);
  dict["queued_events"] = description.queued_events;
  dict["queued_requests"] = description.queued_requests;
  dict["live_brokers"] = live_brokers_of(context);
  dict["partitions"] = partitions_of(context);
  dict["replicas"] = replicas_of(context);
  dict["topics_to_be_deleted"] = context.topics_to_be_deleted();
  return dict;
}

py::object fetchers_of(KafkaServer& server) {
  ClusterMembership* cluster = server.cluster();
  if (cluster == nullptr) return py::none();
  const FetchersDescription description = cluster->fetchers().describe();
  py::list threads;
  for (const FetcherThreadDescription& thread : description.threads)
    threads.append(to_dict(thread));
  py::list failed;
  for (const TopicPartition& partition : description.failed_partitions)
    failed.append(py::make_tuple(partition.topic, partition.partition));
  py::dict dict;
  dict["threads"] = threads;
  dict["failed_partitions"] = failed;
  return dict;
}

}  // namespace kafkascope::bindings

#include "controller/controller_broker_request_batch.h"

#include <array>

namespace kafkascope {

using protocol::LeaderAndIsrRequest;
using protocol::StopReplicaRequest;
using protocol::UpdateMetadataRequest;

namespace {

/// SecurityProtocol's ids on the wire.
int16_t security_protocol_id(const std::string& name) {
  constexpr std::array kNames = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};
  for (size_t id = 0; id < kNames.size(); ++id) {
    if (name == kNames[id]) return static_cast<int16_t>(id);
  }
  return 0;
}

/// Groups states of sorted partitions by topic: as newer versions carry them.
template <typename TopicState, typename States>
std::vector<TopicState> by_topic(const States& states) {
  std::vector<TopicState> topics;
  for (const auto& [partition, state] : states) {
    if (topics.empty() || topics.back().topic_name != partition.topic) {
      topics.emplace_back();
      topics.back().topic_name = partition.topic;
    }
    topics.back().partition_states.push_back(state);
  }
  return topics;
}

template <typename PartitionState, typename States>
std::vector<PartitionState> ungrouped(const States& states) {
  std::vector<PartitionState> list;
  for (const auto& [partition, state] : states) list.push_back(state);
  return list;
}

UpdateMetadataRequest::UpdateMetadataBroker live_broker(const Broker& broker, int16_t version,
                                                        const std::string& listener) {
  UpdateMetadataRequest::UpdateMetadataBroker live;
  live.id = broker.id;
  live.rack = broker.rack;
  if (version == 0) {
    if (const BrokerListener* only = broker.find_listener(listener)) {
      live.v0_host = only->endpoint.host;
      live.v0_port = only->endpoint.port;
    }
    return live;
  }
  for (const BrokerListener& one : broker.listeners) {
    live.endpoints.push_back({one.endpoint.port, one.endpoint.host, one.name,
                              security_protocol_id(one.security_protocol)});
  }
  return live;
}

}  // namespace

const char* ControlRequest::name() const {
  constexpr std::array kNames = {"LeaderAndIsr", "UpdateMetadata", "StopReplica"};
  return kNames[message.index()];
}

void ControllerBrokerRequestBatch::add_leader_and_isr_request_for_brokers(
    const std::vector<BrokerId>& brokers, const TopicPartition& partition, bool is_new) {
  const LeaderIsrAndControllerEpoch* info = context_.partition_leadership_info(partition);
  if (info == nullptr) return;
  const ReplicaAssignment& assignment = context_.partition_full_replica_assignment(partition);
  for (BrokerId broker : brokers) {
    auto& state = leader_and_isr_[broker][partition];
    state.topic_name = partition.topic;
    state.partition_index = partition.partition;
    state.controller_epoch = info->controller_epoch;
    state.leader = info->leader_and_isr.leader;
    state.leader_epoch = info->leader_and_isr.leader_epoch;
    state.isr = info->leader_and_isr.isr;
    state.partition_epoch = info->leader_and_isr.partition_epoch;
    state.replicas = assignment.replicas;
    state.adding_replicas = assignment.adding;
    state.removing_replicas = assignment.removing;
    state.is_new = state.is_new || is_new;
  }
  add_update_metadata_request_for_brokers(context_.live_or_shutting_down_broker_ids(), {partition});
}

void ControllerBrokerRequestBatch::add_stop_replica_request_for_brokers(
    const std::vector<BrokerId>& brokers, const TopicPartition& partition, bool delete_partition) {
  for (BrokerId broker : brokers) {
    auto& state = stop_replica_[broker][partition];
    state.partition_index = partition.partition;
    state.leader_epoch = context_.leader_epoch(partition);
    state.delete_partition = state.delete_partition || delete_partition;
  }
}

void ControllerBrokerRequestBatch::add_update_metadata_request_for_brokers(
    const std::set<BrokerId>& brokers, const std::set<TopicPartition>& partitions) {
  update_metadata_brokers_.insert(brokers.begin(), brokers.end());
  for (const TopicPartition& partition : partitions) {
    const LeaderIsrAndControllerEpoch* info = context_.partition_leadership_info(partition);
    if (info != nullptr) update_metadata_[partition] = metadata_of(partition, *info);
  }
}

UpdateMetadataRequest::UpdateMetadataPartitionState ControllerBrokerRequestBatch::metadata_of(
    const TopicPartition& partition, const LeaderIsrAndControllerEpoch& info) const {
  LeaderAndIsr shown = info.leader_and_isr;
  // Brokers that are told so forget the partition.
  if (context_.is_topic_queued_up_for_deletion(partition.topic))
    shown = {.leader = kLeaderDuringDelete, .isr = shown.isr};
  UpdateMetadataRequest::UpdateMetadataPartitionState state;
  state.topic_name = partition.topic;
  state.partition_index = partition.partition;
  state.controller_epoch = info.controller_epoch;
  state.leader = shown.leader;
  state.leader_epoch = shown.leader_epoch;
  state.isr = shown.isr;
  state.zk_version = shown.partition_epoch;
  state.replicas = context_.partition_replica_assignment(partition);
  for (BrokerId id : state.replicas) {
    if (!context_.is_replica_online(id, partition)) state.offline_replicas.push_back(id);
  }
  return state;
}

std::vector<ControlRequest> ControllerBrokerRequestBatch::requests() const {
  std::vector<ControlRequest> requests;
  for (const auto& [broker, states] : leader_and_isr_) {
    if (context_.is_live_or_shutting_down(broker))
      requests.push_back(leader_and_isr(broker, states));
  }
  for (BrokerId broker : update_metadata_brokers_) {
    if (context_.is_live_or_shutting_down(broker)) requests.push_back(update_metadata(broker));
  }
  for (const auto& [broker, states] : stop_replica_) {
    if (!context_.is_live_or_shutting_down(broker)) continue;
    for (ControlRequest& request : stop_replica(broker, states))
      requests.push_back(std::move(request));
  }
  return requests;
}

template <typename Message>
Message ControllerBrokerRequestBatch::addressed_to(BrokerId broker) const {
  Message message;
  message.controller_id = config_.broker_id;
  message.controller_epoch = context_.epoch;
  message.broker_epoch = context_.broker_epoch(broker).value_or(kNoBrokerEpoch);
  return message;
}

ControlRequest ControllerBrokerRequestBatch::leader_and_isr(
    BrokerId broker, const LeaderAndIsrStates& states) const {
  const int16_t version = config_.protocol.leader_and_isr_version();
  auto message = addressed_to<LeaderAndIsrRequest>(broker);
  if (version >= 2) {
    message.topic_states = by_topic<LeaderAndIsrRequest::LeaderAndIsrTopicState>(states);
  } else {
    message.ungrouped_partition_states =
        ungrouped<LeaderAndIsrRequest::LeaderAndIsrPartitionState>(states);
  }
  if (version >= 5) {
    message.type = static_cast<int8_t>(type_);
    for (auto& topic : message.topic_states) topic.topic_id = context_.topic_id(topic.topic_name);
  }
  std::set<BrokerId> leaders;
  for (const auto& [partition, state] : states) leaders.insert(state.leader);
  for (const auto& [id, live] : context_.live_or_shutting_down_brokers()) {
    if (leaders.count(id) == 0) continue;
    if (const BrokerListener* listener = live.first.find_listener(config_.inter_broker_listener))
      message.live_leaders.push_back({id, listener->endpoint.host, listener->endpoint.port});
  }
  return {broker, version, std::move(message), {}};
}

ControlRequest ControllerBrokerRequestBatch::update_metadata(BrokerId broker) const {
  const int16_t version = config_.protocol.update_metadata_version();
  auto message = addressed_to<UpdateMetadataRequest>(broker);
  if (version >= 5) {
    message.topic_states =
        by_topic<UpdateMetadataRequest::UpdateMetadataTopicState>(update_metadata_);
  } else {
    message.ungrouped_partition_states =
        ungrouped<UpdateMetadataRequest::UpdateMetadataPartitionState>(update_metadata_);
  }
  if (version >= 7) {
    for (auto& topic : message.topic_states) topic.topic_id = context_.topic_id(topic.topic_name);
  }
  if (version >= 8) message.type = static_cast<int8_t>(type_);
  for (const auto& [id, live] : context_.live_or_shutting_down_brokers()) {
    message.live_brokers.push_back(live_broker(live.first, version, config_.inter_broker_listener));
  }
  return {broker, version, std::move(message), {}};
}

std::vector<ControlRequest> ControllerBrokerRequestBatch::stop_replica(
    BrokerId broker, const StopReplicaStates& states) const {
  const int16_t version = config_.protocol.stop_replica_version();
  std::set<TopicPartition> deletions;
  for (const auto& [partition, state] : states) {
    if (state.delete_partition) deletions.insert(partition);
  }
  if (version >= 3) {
    auto message = addressed_to<StopReplicaRequest>(broker);
    message.topic_states = by_topic<StopReplicaRequest::StopReplicaTopicState>(states);
    return {{broker, version, std::move(message), std::move(deletions)}};
  }
  // Older versions say once for all partitions whether they are deleted.
  std::vector<ControlRequest> requests;
  for (const bool deleting : {true, false}) {
    auto message = addressed_to<StopReplicaRequest>(broker);
    message.delete_partitions = deleting;
    for (const auto& [partition, state] : states) {
      if (state.delete_partition != deleting) continue;
      if (version == 0) {
        message.ungrouped_partitions.push_back({partition.topic, partition.partition});
        continue;
      }
      if (message.topics.empty() || message.topics.back().name != partition.topic)
        message.topics.push_back({partition.topic, {}});
      message.topics.back().partition_indexes.push_back(partition.partition);
    }
    if (message.ungrouped_partitions.empty() && message.topics.empty()) continue;
    requests.push_back(
        {broker, version, std::move(message), deleting ? deletions : std::set<TopicPartition>{}});
  }
  return requests;
}

}  // namespace kafkascope

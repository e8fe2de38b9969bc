// ReplicaManager's roles: what the controller tells a broker to lead, to follow, to stop.
#include "common/logging.h"
#include "metadata/update_metadata.h"
#include "replication/replica_manager.h"

namespace kafkascope {

using protocol::LeaderAndIsrRequest;
using protocol::LeaderAndIsrResponse;
using protocol::StopReplicaRequest;
using protocol::StopReplicaResponse;

struct ReplicaManager::RoleChange {
  TopicPartition partition;
  PartitionState state;
  std::optional<Uuid> topic_id;
  bool is_new = false;
};

struct ReplicaManager::Stop {
  TopicPartition partition;
  LeaderEpoch leader_epoch = kNoLeaderEpoch;  // below version 3 it is not told
  bool and_delete = false;
};

namespace {

constexpr int16_t kErrorsByTopicIdSince = 5;

int16_t to_wire(ErrorCode code) { return static_cast<int16_t>(code); }

PartitionState to_state(const LeaderAndIsrRequest::LeaderAndIsrPartitionState& from) {
  return {.leader = from.leader,
          .leader_epoch = from.leader_epoch,
          .replicas = from.replicas,
          .isr = from.isr,
          .partition_epoch = from.partition_epoch,
          .controller_epoch = from.controller_epoch,
          .adding_replicas = from.adding_replicas,
          .removing_replicas = from.removing_replicas};
}

LeaderAndIsrResponse to_response(const std::map<TopicPartition, ErrorCode>& errors,
                                 const LeaderAndIsrRequest& request, int16_t version) {
  std::map<std::string, Uuid> ids;
  for (const auto& topic : request.topic_states) ids[topic.topic_name] = topic.topic_id;
  LeaderAndIsrResponse response;
  std::string last_topic;
  for (const auto& [partition, error] : errors) {
    LeaderAndIsrResponse::LeaderAndIsrPartitionError one{partition.topic, partition.partition,
                                                         to_wire(error)};
    if (version < kErrorsByTopicIdSince) {
      response.partition_errors.push_back(std::move(one));
      continue;
    }
    if (response.topics.empty() || last_topic != partition.topic)
      response.topics.push_back({ids[partition.topic], {}});
    last_topic = partition.topic;
    response.topics.back().partition_errors.push_back(std::move(one));
  }
  return response;
}

}  // namespace

/// Ungrouped below version 2.
ReplicaManager::RoleChanges ReplicaManager::role_changes(const LeaderAndIsrRequest& request) {
  RoleChanges changes;
  for (const auto& state : request.ungrouped_partition_states) {
    changes.push_back(
        {{state.topic_name, state.partition_index}, to_state(state), {}, state.is_new});
  }
  for (const auto& topic : request.topic_states) {
    std::optional<Uuid> id;
    if (!topic.topic_id.is_zero()) id = topic.topic_id;
    for (const auto& state : topic.partition_states) {
      changes.push_back(
          {{topic.topic_name, state.partition_index}, to_state(state), id, state.is_new});
    }
  }
  return changes;
}

LeaderAndIsrResponse ReplicaManager::become_leader_or_follower(const LeaderAndIsrRequest& request,
                                                               int16_t version) {
  Lock lock(state_change_mutex_);
  if (request.controller_epoch < controller_epoch_) {
    KS_LOG(kWarn, node_.name(), "LeaderAndIsr of controller {} with the old epoch {}; it is {} now",
           request.controller_id, request.controller_epoch, controller_epoch_);
    return {.error_code = to_wire(ErrorCode::kStaleControllerEpoch)};
  }
  controller_epoch_ = request.controller_epoch;
  Errors errors;
  RoleChanges leaders;
  RoleChanges followers;
  for (RoleChange& change : role_changes(request)) {
    const std::optional<ErrorCode> settled = settle_without_change(change);
    errors[change.partition] = settled.value_or(ErrorCode::kNone);
    if (settled) continue;
    const bool leads = change.state.leader == context_.config.broker_id;
    (leads ? leaders : followers).push_back(std::move(change));
  }
  if (!leaders.empty()) make_leaders(leaders, errors);
  if (!followers.empty()) make_followers(followers, errors);
  if (cluster_) cluster_->fetchers.shutdown_idle_fetcher_threads();
  return to_response(errors, request, version);
}

/// The answer where nothing is to be done; nothing where the role changes.
std::optional<ErrorCode> ReplicaManager::settle_without_change(const RoleChange& change) {
  const auto found = get_partition_or_error(change.partition);
  if (found.code() == ErrorCode::kKafkaStorageError) return found.code();
  LeaderEpoch known = kNoLeaderEpoch;
  if (found.ok()) {
    known = (*found)->leader_epoch();
    const std::shared_ptr<Log> log = (*found)->log();
    const std::optional<Uuid> log_id = log->topic_id();
    if (change.topic_id && log_id && *change.topic_id != *log_id)
      return ErrorCode::kInconsistentTopicId;
    // A cluster that has just learnt topic ids: no new epoch comes with them.
    if (change.topic_id && !log_id && change.state.leader_epoch == known) {
      log->assign_topic_id(*change.topic_id);
      return ErrorCode::kNone;
    }
  }
  if (change.state.leader_epoch <= known) return ErrorCode::kStaleControllerEpoch;
  if (!has_id(change.state.replicas, context_.config.broker_id))
    return ErrorCode::kUnknownTopicOrPartition;
  return std::nullopt;
}

std::shared_ptr<Partition> ReplicaManager::host(const RoleChange& change, Errors& errors) {
  try {
    const ConfigMap config =
        cluster_ ? cluster_->topic_config(change.partition.topic) : ConfigMap();
    return get_or_create_partition(change.partition, config, change.topic_id, change.is_new);
  } catch (const KafkaException& e) {
    errors[change.partition] = e.code();
    return nullptr;
  }
}

void ReplicaManager::make_leaders(const RoleChanges& changes, Errors& errors) {
  std::set<TopicPartition> names;
  for (const RoleChange& change : changes) names.insert(change.partition);
  if (cluster_) cluster_->fetchers.remove_fetcher_for_partitions(names);
  for (const RoleChange& change : changes) {
    const auto partition = host(change, errors);
    if (partition == nullptr) continue;
    try {
      partition->make_leader(change.state);
    } catch (const KafkaStorageException& e) {
      errors[change.partition] = e.code();
      mark_offline(change.partition);
    }
  }
}

void ReplicaManager::make_followers(const RoleChanges& changes, Errors& errors) {
  if (!cluster_) return;
  std::vector<std::pair<std::shared_ptr<Partition>, InitialFetchState>> moved;
  std::set<TopicPartition> names;
  for (const RoleChange& change : changes) {
    // Also when there is no leader: its high watermark belongs into the checkpoint.
    const auto partition = host(change, errors);
    if (partition == nullptr) continue;
    const std::optional<BrokerNode> leader = alive_broker(change.state.leader);
    if (!leader) {
      KS_LOG(kError, node_.name(), "{}: the leader {} is not known here; not following",
             change.partition.to_string(), change.state.leader);
      continue;
    }
    if (!partition->make_follower(change.state)) continue;
    moved.push_back({partition, {change.topic_id, *leader, change.state.leader_epoch}});
    names.insert(change.partition);
  }
  // Before it is decided where to fetch from: a fetcher may still append.
  cluster_->fetchers.remove_fetcher_for_partitions(names);
  std::map<TopicPartition, InitialFetchState> to_follow;
  for (auto& [partition, state] : moved) {
    wake_waiting(partition->topic_partition());  // that it leads no more
    state.init_offset = initial_fetch_offset(*partition->log());
    to_follow[partition->topic_partition()] = state;
  }
  if (!is_shutting_down_) cluster_->fetchers.add_fetcher_for_partitions(to_follow);
}

std::optional<BrokerNode> ReplicaManager::alive_broker(BrokerId id) const {
  const auto metadata = metadata_.current();
  const auto broker = metadata->brokers.find(id);
  if (broker == metadata->brokers.end()) return std::nullopt;
  const BrokerListener* listener =
      broker->second.find_listener(context_.config.inter_broker_listener);
  if (listener == nullptr) return std::nullopt;
  return BrokerNode{id, listener->endpoint, broker->second.rack};
}

/// From the log's end where the leader tells of a divergence in its answers; else from what is
/// certainly common.
Offset ReplicaManager::initial_fetch_offset(const Log& log) const {
  const bool from_end = context_.config.protocol.truncates_on_fetch() && log.latest_epoch();
  return from_end ? log.log_end_offset() : log.high_watermark();
}

Error ReplicaManager::become_leader(const TopicPartition& name, const PartitionState& state,
                                    const ConfigMap& topic_config, const Uuid& topic_id,
                                    bool is_new) {
  try {
    get_or_create_partition(name, topic_config, topic_id, is_new)->make_leader(state);
    return {ErrorCode::kNone, {}};
  } catch (const KafkaStorageException& e) {
    mark_offline(name);
    return {e.code(), e.what()};
  }
}

void ReplicaManager::stop_and_delete(const TopicPartition& partition) { drop(partition); }

std::vector<ReplicaManager::Stop> ReplicaManager::stops(const StopReplicaRequest& request) {
  std::vector<Stop> all;
  for (const auto& one : request.ungrouped_partitions) {  // version 0
    all.push_back(
        {{one.topic_name, one.partition_index}, kNoLeaderEpoch, request.delete_partitions});
  }
  for (const auto& topic : request.topics) {  // 1 and 2
    for (int32_t index : topic.partition_indexes)
      all.push_back({{topic.name, index}, kNoLeaderEpoch, request.delete_partitions});
  }
  for (const auto& topic : request.topic_states) {  // from 3 on
    for (const auto& state : topic.partition_states) {
      all.push_back(
          {{topic.topic_name, state.partition_index}, state.leader_epoch, state.delete_partition});
    }
  }
  return all;
}

StopReplicaResponse ReplicaManager::stop_replicas(const StopReplicaRequest& request) {
  Lock lock(state_change_mutex_);
  StopReplicaResponse response;
  if (request.controller_epoch < controller_epoch_) {
    response.error_code = to_wire(ErrorCode::kStaleControllerEpoch);
    return response;
  }
  controller_epoch_ = request.controller_epoch;
  Errors errors;
  std::set<TopicPartition> names;
  const std::vector<Stop> all = stops(request);
  for (const Stop& stop : all) {
    errors[stop.partition] = check_stop(stop);
    if (errors[stop.partition] == ErrorCode::kNone) names.insert(stop.partition);
  }
  if (cluster_) cluster_->fetchers.remove_fetcher_for_partitions(names);
  for (const Stop& stop : all) {
    if (!names.contains(stop.partition)) continue;
    if (stop.and_delete && !drop(stop.partition))
      errors[stop.partition] = ErrorCode::kKafkaStorageError;
    if (!stop.and_delete) wake_waiting(stop.partition);
    KS_TRACE(node_, "ReplicaStopped", {"partition", stop.partition.to_string()},
             {"deleted", stop.and_delete});
  }
  for (const auto& [partition, error] : errors)
    response.partition_errors.push_back({partition.topic, partition.partition, to_wire(error)});
  return response;
}

ErrorCode ReplicaManager::check_stop(const Stop& stop) const {
  const auto found = get_partition_or_error(stop.partition);
  if (found.code() == ErrorCode::kKafkaStorageError) return found.code();
  // A topic is deleted in the epoch that it has.
  const bool any_epoch =
      stop.leader_epoch == kNoLeaderEpoch || stop.leader_epoch == kEpochDuringDelete;
  if (found.ok() && !any_epoch && stop.leader_epoch < (*found)->leader_epoch())
    return ErrorCode::kFencedLeaderEpoch;
  return ErrorCode::kNone;
}

Result<std::vector<TopicPartition>> ReplicaManager::maybe_update_metadata_cache(
    const protocol::UpdateMetadataRequest& request) {
  Lock lock(state_change_mutex_);
  if (request.controller_epoch < controller_epoch_) {
    return {ErrorCode::kStaleControllerEpoch,
            "UpdateMetadata of an older controller: " + std::to_string(request.controller_id)};
  }
  controller_epoch_ = request.controller_epoch;
  std::vector<TopicPartition> deleted;
  metadata_.update(
      [&](ClusterMetadata& metadata) { deleted = apply_update_metadata(metadata, request); });
  return deleted;
}

int32_t ReplicaManager::controller_epoch() const {
  Lock lock(state_change_mutex_);
  return controller_epoch_;
}

}  // namespace kafkascope

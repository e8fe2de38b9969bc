// How the controller deals with brokers that come, go, lose disks, leave, and answer.
#include "common/logging.h"
#include "controller/broker_ids.h"
#include "controller/kafka_controller.h"
#include "protocol/messages/stop_replica_response.h"
#include "protocol/messages/update_metadata_response.h"

namespace kafkascope {

using controller::PartitionState;
using controller::ReplicaState;

void KafkaController::process_broker_change() {
  if (!is_active()) return;
  const auto current = zk_.get_all_brokers_and_epochs();
  const BrokerChanges changes = broker_changes(context_, current);
  for (BrokerId id : changes.bounced) channels_.remove_broker(id);
  for (BrokerId id : changes.dead) channels_.remove_broker(id);
  const auto start = [&](const std::set<BrokerId>& ids) {
    for (BrokerId id : ids) {
      const auto& [broker, epoch] = current.at(id);
      channels_.add_broker(broker);
      context_.add_live_broker(broker, epoch);
    }
    if (!ids.empty()) on_broker_startup(ids);
  };
  const auto fail = [&](const std::set<BrokerId>& ids) {
    for (BrokerId id : ids) context_.remove_live_broker(id);
    if (!ids.empty()) on_broker_failure(ids);
  };
  start(changes.added);
  fail(changes.bounced);
  start(changes.bounced);
  fail(changes.dead);
}

void KafkaController::process_broker_modifications(BrokerId id) {
  if (!is_active()) return;
  const std::optional<Broker> now = zk_.get_broker(id);
  const auto& known = context_.live_or_shutting_down_brokers();
  const auto found = known.find(id);
  if (!now.has_value() || found == known.end()) return;
  if (now->listeners == found->second.first.listeners) return;
  context_.add_live_broker(*now, found->second.second);
  send_update_metadata_request(context_.live_or_shutting_down_broker_ids(), {});
}

void KafkaController::process_log_dir_event_notification() {
  if (!is_active()) return;
  const std::vector<std::string> events = zk_.get_log_dir_event_notifications();
  const std::vector<BrokerId> brokers = zk_.get_brokers_from_log_dir_events(events);
  zk_.delete_log_dir_event_notifications(events, zk_version());
  // The brokers' answers to LeaderAndIsr say which replicas are gone.
  replica_state_machine_.handle_state_changes(
      context_.replicas_on_brokers({brokers.begin(), brokers.end()}), ReplicaState::kOnlineReplica);
}

void KafkaController::on_broker_startup(const std::set<BrokerId>& ids) {
  for (BrokerId id : ids) context_.replicas_on_offline_dirs.erase(id);
  std::set<BrokerId> others = context_.live_or_shutting_down_broker_ids();
  for (BrokerId id : ids) others.erase(id);
  send_update_metadata_request(others, {});
  send_update_metadata_request(ids, context_.partitions_with_leaders(), ControlRequestType::kFull);
  const std::set<PartitionAndReplica> replicas = context_.replicas_on_brokers(ids);
  replica_state_machine_.handle_state_changes(replicas, ReplicaState::kOnlineReplica,
                                              ControlRequestType::kFull);
  partition_state_machine_.trigger_online_partition_state_change();
  maybe_resume_reassignments([&](const TopicPartition&, const ReplicaAssignment& assignment) {
    const BrokerIds target = assignment.target_replicas();
    return std::any_of(target.begin(), target.end(),
                       [&](BrokerId id) { return ids.count(id) > 0; });
  });
  std::set<std::string> deletions;
  for (const PartitionAndReplica& replica : replicas) {
    deletions.insert(replica.topic_partition.topic);
  }
  topic_deletion_manager_.resume_deletion_for_topics(deletions);
  for (BrokerId id : ids) watch_broker(id);
}

void KafkaController::on_broker_failure(const std::set<BrokerId>& ids) {
  for (BrokerId id : ids) {
    KS_LOG(kInfo, node_.name(), "broker {} is gone", id);
    context_.replicas_on_offline_dirs.erase(id);
    context_.shutting_down_broker_ids.erase(id);
    stop_watching_node(znode::broker(id));
  }
  on_replicas_become_offline(context_.replicas_on_brokers(ids));
}

void KafkaController::on_replicas_become_offline(const std::set<PartitionAndReplica>& replicas) {
  std::set<PartitionAndReplica> being_deleted, offline;
  for (const PartitionAndReplica& replica : replicas) {
    const bool goes = context_.is_topic_queued_up_for_deletion(replica.topic_partition.topic);
    (goes ? being_deleted : offline).insert(replica);
  }
  // First new leaders for what lost its own, then the others' ISRs without the dead.
  partition_state_machine_.handle_state_changes(context_.partitions_with_offline_leader(),
                                                PartitionState::kOfflinePartition);
  const auto elections = partition_state_machine_.trigger_online_partition_state_change();
  replica_state_machine_.handle_state_changes(offline, ReplicaState::kOfflineReplica);
  topic_deletion_manager_.fail_replica_deletion(being_deleted);
  const bool all_told =
      !offline.empty() || std::any_of(elections.begin(), elections.end(),
                                      [](const auto& election) { return election.second.ok(); });
  if (!all_told) send_update_metadata_request(context_.live_or_shutting_down_broker_ids(), {});
}

bool KafkaController::is_stale(BrokerId id, BrokerEpoch broker_epoch) const {
  return !config_.defects.accept_old_broker_epoch && context_.broker_epoch(id) != broker_epoch;
}

Result<KafkaController::Partitions> KafkaController::do_controlled_shutdown(
    BrokerId id, BrokerEpoch broker_epoch) {
  if (!is_active()) return Error{ErrorCode::kNotController, "The controller has moved."};
  if (!context_.is_live_or_shutting_down(id))
    return Error{ErrorCode::kBrokerNotAvailable, fmt::format("Broker id {} does not exist.", id)};
  if (broker_epoch != kNoBrokerEpoch && is_stale(id, broker_epoch)) {
    return Error{ErrorCode::kStaleBrokerEpoch,
                 fmt::format("broker {} asks with epoch {}, it has {}", id, broker_epoch,
                             *context_.broker_epoch(id))};
  }
  context_.shutting_down_broker_ids.insert(id);
  const ShutdownPlan plan = plan_controlled_shutdown(context_, id);
  partition_state_machine_.elect_leaders(plan.led,
                                         *partition_state_machine_.selectors().controlled_shutdown);
  // The broker stops to follow, so that the leaders do not wait for it when it is gone.
  std::set<PartitionAndReplica> followers;
  for (const TopicPartition& tp : plan.followed) followers.insert({tp, id});
  replica_state_machine_.handle_state_changes(followers, ReplicaState::kOfflineReplica);
  return context_.partition_leaders_on_broker(id);
}

void KafkaController::on_response(const ControlRequest& request, const ClientResponse& response) {
  const BrokerId id = request.broker;
  if (std::holds_alternative<protocol::LeaderAndIsrRequest>(request.message)) {
    const auto answer = response.decode<protocol::LeaderAndIsrResponse>();
    if (!answer.ok()) return;
    put("LeaderAndIsrResponseReceived", ControllerState::kLeaderAndIsrResponseReceived,
        [this, id, answer] { process_leader_and_isr_response(id, *answer); });
  } else if (std::holds_alternative<protocol::UpdateMetadataRequest>(request.message)) {
    const auto answer = response.decode<protocol::UpdateMetadataResponse>();
    put("UpdateMetadataResponseReceived", ControllerState::kUpdateMetadataResponseReceived,
        [this, id, answer] {
          const int16_t error =
              answer.ok() ? answer->error_code : static_cast<int16_t>(answer.code());
          if (error != 0)
            KS_LOG(kError, node_.name(), "broker {} refused UpdateMetadata: {}", id,
                   error_name(error_code_from_wire(error)));
        });
  } else if (!request.deletions.empty()) {
    const auto answer = response.decode<protocol::StopReplicaResponse>();
    const ErrorCode error = answer.ok() ? error_code_from_wire(answer->error_code) : answer.code();
    std::map<TopicPartition, ErrorCode> deletions;
    for (const TopicPartition& tp : request.deletions) deletions[tp] = error;
    if (answer.ok()) {
      for (const auto& one : answer->partition_errors) {
        const auto found = deletions.find({one.topic_name, one.partition_index});
        if (found != deletions.end() && error == ErrorCode::kNone)
          found->second = error_code_from_wire(one.error_code);
      }
    }
    put("TopicDeletionStopReplicaResponseReceived", ControllerState::kTopicDeletion,
        [this, id, deletions] { process_stop_replica_response(id, deletions); });
  }
}

void KafkaController::process_leader_and_isr_response(
    BrokerId id, const protocol::LeaderAndIsrResponse& response) {
  if (!is_active()) return;
  if (response.error_code != 0) {
    KS_LOG(kError, node_.name(), "broker {} refused LeaderAndIsr: {}", id,
           error_name(error_code_from_wire(response.error_code)));
    return;
  }
  std::set<TopicPartition>& offline = context_.replicas_on_offline_dirs[id];
  std::set<PartitionAndReplica> newly_offline;
  const auto take = [&](const std::string& topic, const auto& errors) {
    for (const auto& one : errors) {
      const TopicPartition tp{one.topic_name.empty() ? topic : one.topic_name, one.partition_index};
      const ErrorCode error = error_code_from_wire(one.error_code);
      if (error == ErrorCode::kNone) {
        offline.erase(tp);
      } else if (error == ErrorCode::kKafkaStorageError && offline.insert(tp).second) {
        newly_offline.insert({tp, id});
      }
    }
  };
  take("", response.partition_errors);
  for (const auto& topic : response.topics) {
    if (const auto name = context_.topic_name(topic.topic_id)) take(*name, topic.partition_errors);
  }
  if (!newly_offline.empty()) on_replicas_become_offline(newly_offline);
}

void KafkaController::process_stop_replica_response(
    BrokerId id, const std::map<TopicPartition, ErrorCode>& deletions) {
  if (!is_active()) return;
  std::set<PartitionAndReplica> failed, deleted;
  for (const auto& [tp, error] : deletions) {
    // A replica that a reassignment removed was not waited for.
    if (context_.replica_state({tp, id}) != ReplicaState::kReplicaDeletionStarted) continue;
    (error == ErrorCode::kNone ? deleted : failed).insert({tp, id});
  }
  topic_deletion_manager_.fail_replica_deletion(failed);
  if (!deleted.empty()) topic_deletion_manager_.complete_replica_deletion(deleted);
}

}  // namespace kafkascope

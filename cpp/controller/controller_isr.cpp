// Leaders change their ISR: by asking (AlterPartition), or by writing to ZooKeeper themselves.
#include "common/logging.h"
#include "controller/broker_ids.h"
#include "controller/kafka_controller.h"

namespace kafkascope {

void KafkaController::process_isr_change_notification() {
  if (!is_active()) return;
  const std::vector<std::string> notifications = zk_.get_isr_change_notifications();
  const Partitions changed = zk_.get_partitions_from_isr_change_notifications(notifications);
  if (!changed.empty()) {
    update_leader_and_isr_cache(changed);
    send_metadata_update(changed);
    for (const TopicPartition& tp : changed) maybe_complete_reassignment(tp);
  }
  zk_.delete_isr_change_notifications(notifications, zk_version());
}

void KafkaController::process_alter_partition(
    const protocol::AlterPartitionRequest& request, int16_t version,
    const Callback<protocol::AlterPartitionResponse>& callback) {
  AlterPartitionPlan plan;
  if (is_active()) {
    plan = plan_alter_partition(context_, request, version, config_.defects);
  } else {
    plan.error = ErrorCode::kNotController;
  }
  KS_TRACE(
      node_, "AlterPartitionAnswered", {"broker", int64_t{request.broker_id}},
      {"broker_epoch", request.broker_epoch},
      {"known_broker_epoch", context_.broker_epoch(request.broker_id).value_or(kNoBrokerEpoch)},
      {"error", std::string(error_name(plan.error))});
  auto outcomes = plan.decided;
  Partitions changed;
  if (!plan.changes.empty()) {
    const UpdateLeaderAndIsrResult result = store_.update(plan.changes);
    for (const auto& [tp, written] : result.finished) {
      context_.put_partition_leadership_info(tp, {written, context_.epoch});
      outcomes.insert_or_assign(tp, written);
      changed.insert(tp);
      KS_TRACE(node_, "IsrChanged", {"partition", tp.to_string()}, {"isr", join(written.isr)},
               {"leader", written.leader}, {"leader_epoch", written.leader_epoch},
               {"partition_epoch", written.partition_epoch});
    }
    for (const auto& [tp, error] : result.failed) {
      outcomes.insert_or_assign(tp, Error{ErrorCode::kUnknownServerError, to_string(error)});
    }
    for (const TopicPartition& tp : result.to_retry) {
      outcomes.insert_or_assign(tp, ErrorCode::kInvalidUpdateVersion);
    }
    // Perhaps it was our own change, whose answer was lost.
    update_leader_and_isr_cache({result.to_retry.begin(), result.to_retry.end()});
  }
  callback(alter_partition_response(context_, plan, version, outcomes));
  if (changed.empty()) return;
  send_metadata_update(changed);
  for (const TopicPartition& tp : changed) maybe_complete_reassignment(tp);
}

}  // namespace kafkascope

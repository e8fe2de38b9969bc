#include "controller/alter_partition.h"

#include "controller/broker_ids.h"

namespace kafkascope {

using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;

namespace {

constexpr int8_t kRecovered = 0;

/// The brokers that are to be in sync; with their epochs where the version has them.
std::map<BrokerId, BrokerEpoch> wanted_isr(const AlterPartitionRequest::PartitionData& asked) {
  std::map<BrokerId, BrokerEpoch> wanted;
  for (BrokerId id : asked.new_isr) wanted[id] = kNoBrokerEpoch;
  for (const auto& broker : asked.new_isr_with_epochs)
    wanted[broker.broker_id] = broker.broker_epoch;
  return wanted;
}

BrokerIds ids_of(const AlterPartitionRequest::PartitionData& asked, int16_t version) {
  if (version < 3) return asked.new_isr;
  BrokerIds ids;
  for (const auto& broker : asked.new_isr_with_epochs) ids.push_back(broker.broker_id);
  return ids;
}

bool is_eligible(const ControllerContext& context, BrokerId id, BrokerEpoch epoch,
                 const ControllerDefects& defects) {
  if (!context.is_live_broker(id)) return false;
  return epoch == kNoBrokerEpoch || defects.accept_old_broker_epoch ||
         context.broker_epoch(id) == epoch;
}

/// Is it what the partition has already? Then a retry is answered like the first time.
bool is_same(const LeaderAndIsr& wanted, const LeaderAndIsr& current) {
  return wanted.leader == current.leader && wanted.leader_epoch == current.leader_epoch &&
         wanted.isr == current.isr;
}

ErrorCode check(const ControllerContext& context, const TopicPartition& tp,
                const LeaderAndIsr& wanted, const LeaderAndIsr& current,
                const AlterPartitionRequest::PartitionData& asked, int16_t version,
                const ControllerDefects& defects) {
  if (!defects.accept_stale_alter_partition) {
    // Who knows more than this controller has spoken with a later one.
    if (wanted.partition_epoch > current.partition_epoch ||
        wanted.leader_epoch > current.leader_epoch)
      return ErrorCode::kNotController;
    if (wanted.leader_epoch < current.leader_epoch) return ErrorCode::kFencedLeaderEpoch;
    if (is_same(wanted, current)) return ErrorCode::kNone;
    if (wanted.partition_epoch < current.partition_epoch) return ErrorCode::kInvalidUpdateVersion;
    if (wanted.leader != current.leader) return ErrorCode::kInvalidRequest;
  }
  if (!contains(wanted.isr, current.leader) || asked.leader_recovery_state != kRecovered)
    return ErrorCode::kInvalidRequest;
  if (!without(wanted.isr, context.partition_replica_assignment(tp)).empty())
    return ErrorCode::kInvalidRequest;
  for (const auto& [id, epoch] : wanted_isr(asked)) {
    if (!is_eligible(context, id, epoch, defects))
      return version > 1 ? ErrorCode::kIneligibleReplica : ErrorCode::kOperationNotAttempted;
  }
  return ErrorCode::kNone;
}

void plan_partition(const ControllerContext& context, const TopicPartition& tp,
                    const AlterPartitionRequest::PartitionData& asked, BrokerId leader,
                    int16_t version, const ControllerDefects& defects, AlterPartitionPlan& plan) {
  const LeaderIsrAndControllerEpoch* info = context.partition_leadership_info(tp);
  if (info == nullptr) {
    plan.decided.insert_or_assign(tp, ErrorCode::kUnknownTopicOrPartition);
    return;
  }
  const LeaderAndIsr& current = info->leader_and_isr;
  LeaderAndIsr wanted{leader, asked.leader_epoch, ids_of(asked, version), asked.partition_epoch};
  const ErrorCode error = check(context, tp, wanted, current, asked, version, defects);
  if (error != ErrorCode::kNone) {
    plan.decided.insert_or_assign(tp, error);
  } else if (is_same(wanted, current)) {
    plan.decided.insert_or_assign(tp, current);
  } else {
    plan.changes[tp] = {current.leader, current.leader_epoch, wanted.isr, current.partition_epoch};
  }
}

}  // namespace

AlterPartitionPlan plan_alter_partition(const ControllerContext& context,
                                        const AlterPartitionRequest& request, int16_t version,
                                        const ControllerDefects& defects) {
  AlterPartitionPlan plan;
  const std::optional<BrokerEpoch> epoch = context.broker_epoch(request.broker_id);
  if (!epoch.has_value() || (epoch != request.broker_epoch && !defects.accept_old_broker_epoch)) {
    plan.error = ErrorCode::kStaleBrokerEpoch;
    return plan;
  }
  for (const AlterPartitionRequest::TopicData& topic : request.topics) {
    const std::optional<std::string> name =
        version > 1 ? context.topic_name(topic.topic_id) : topic.topic_name;
    for (const AlterPartitionRequest::PartitionData& asked : topic.partitions) {
      if (name.has_value()) {
        plan_partition(context, {*name, asked.partition_index}, asked, request.broker_id, version,
                       defects, plan);
      } else {
        plan.unknown_topics[topic.topic_id].push_back(asked.partition_index);
      }
    }
  }
  return plan;
}

AlterPartitionResponse alter_partition_response(
    const ControllerContext& context, const AlterPartitionPlan& plan, int16_t version,
    const std::map<TopicPartition, Result<LeaderAndIsr>>& outcomes) {
  AlterPartitionResponse response;
  response.error_code = static_cast<int16_t>(plan.error);
  for (const auto& [id, partitions] : plan.unknown_topics) {
    auto& topic = response.topics.emplace_back();
    topic.topic_id = id;
    for (PartitionIndex index : partitions) {
      auto& answer = topic.partitions.emplace_back();
      answer.partition_index = index;
      answer.error_code = static_cast<int16_t>(ErrorCode::kUnknownTopicId);
    }
  }
  const std::string* last_topic = nullptr;
  for (const auto& [tp, outcome] : outcomes) {
    if (last_topic == nullptr || *last_topic != tp.topic) {
      auto& topic = response.topics.emplace_back();
      if (version > 1) {
        topic.topic_id = context.topic_id(tp.topic);
      } else {
        topic.topic_name = tp.topic;
      }
      last_topic = &tp.topic;
    }
    auto& answer = response.topics.back().partitions.emplace_back();
    answer.partition_index = tp.partition;
    answer.error_code = static_cast<int16_t>(outcome.code());
    if (!outcome.ok()) continue;
    answer.leader_id = outcome->leader;
    answer.leader_epoch = outcome->leader_epoch;
    answer.isr = outcome->isr;
    answer.partition_epoch = outcome->partition_epoch;
  }
  return response;
}

}  // namespace kafkascope

#include "replication/default_alter_partition_manager.h"

#include "common/logging.h"

namespace kafkascope {
namespace {

using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;

constexpr Duration kRetryBackoff = std::chrono::milliseconds(50);
constexpr int16_t kTopicIdsSince = 2;

/// From version 3 on the members of the ISR go with their brokers' epochs. Only KRaft knows those
/// of others: -1 is not checked. One request may go at several versions: to an older controller
/// when a newer one has gone.
void adapt(AlterPartitionRequest& request, int16_t version) {
  for (auto& topic : request.topics) {
    for (auto& partition : topic.partitions) {
      if (version >= 3) {
        for (BrokerId id : partition.new_isr) partition.new_isr_with_epochs.push_back({id, -1});
        partition.new_isr.clear();
      } else {
        for (const auto& one : partition.new_isr_with_epochs)
          partition.new_isr.push_back(one.broker_id);
        partition.new_isr_with_epochs.clear();
      }
    }
  }
}

Result<LeaderAndIsr> to_result(const AlterPartitionResponse::PartitionData& from) {
  const auto error = static_cast<ErrorCode>(from.error_code);
  if (error != ErrorCode::kNone) return {error, {}};
  return LeaderAndIsr{from.leader_id, from.leader_epoch, from.isr, from.partition_epoch};
}

}  // namespace

DefaultAlterPartitionManager::DefaultAlterPartitionManager(Node& node, Identity identity,
                                                           ControllerChannel& channel)
    : Worker(node, "alter-partition"),
      identity_(std::move(identity)),
      channel_(channel),
      mutex_(node, "alter partition"),
      changed_(node, "alter partition") {}

void DefaultAlterPartitionManager::submit(const TopicPartition& partition, const Uuid& topic_id,
                                          const LeaderAndIsr& proposed, int32_t,
                                          AlterPartitionCallback callback) {
  {
    Lock lock(mutex_);
    if (!items_.contains(partition)) {
      items_[partition] = {topic_id, proposed, std::move(callback)};
      changed_.notify_all();
      return;
    }
  }
  callback({ErrorCode::kOperationNotAttempted, "another change of the ISR is on its way"});
}

void DefaultAlterPartitionManager::wakeup() {
  Lock lock(mutex_);
  changed_.notify_all();
}

void DefaultAlterPartitionManager::do_work() {
  std::unique_ptr<RequestBody> request;
  {
    Lock lock(mutex_);
    while (is_running() && (in_flight_ || items_.empty())) changed_.wait(lock);
    while (is_running() && node_.clock().monotonic() < not_before_)
      (void)changed_.wait_until(lock, not_before_);
    if (!is_running()) return;
    request = build_request();
    in_flight_ = true;
  }
  channel_.send(std::move(request), [this](const ClientResponse& r) { on_response(r); });
}

std::unique_ptr<RequestBody> DefaultAlterPartitionManager::build_request() {
  AlterPartitionRequest request{.broker_id = identity_.broker_id,
                                .broker_epoch = identity_.broker_epoch()};
  bool have_ids = identity_.protocol.topic_ids();
  for (auto& [partition, item] : items_) {
    item.is_sent = true;
    have_ids = have_ids && !item.topic_id.is_zero();
    if (request.topics.empty() || request.topics.back().topic_name != partition.topic)
      request.topics.push_back({partition.topic, item.topic_id, {}});
    AlterPartitionRequest::PartitionData data{.partition_index = partition.partition,
                                              .leader_epoch = item.proposed.leader_epoch};
    data.new_isr = item.proposed.isr;
    data.partition_epoch = item.proposed.partition_epoch;
    request.topics.back().partitions.push_back(std::move(data));
  }
  return make_request(std::move(request), adapt, 0, have_ids ? 3 : kTopicIdsSince - 1);
}

void DefaultAlterPartitionManager::on_response(const ClientResponse& response) {
  std::optional<Answers> answers;
  {
    Lock lock(mutex_);
    answers = read(response);
    if (!answers) {
      not_before_ = node_.clock().monotonic() + kRetryBackoff;
      for (auto& [partition, item] : items_) item.is_sent = false;
    }
  }
  if (answers) complete(*answers);
  Lock lock(mutex_);
  in_flight_ = false;
  changed_.notify_all();
}

std::optional<DefaultAlterPartitionManager::Answers> DefaultAlterPartitionManager::read(
    const ClientResponse& response) {
  const auto message = response.decode<AlterPartitionResponse>();
  const ErrorCode error =
      message.ok() ? static_cast<ErrorCode>(message->error_code) : message.code();
  if (error != ErrorCode::kNone) {
    KS_LOG(kWarn, node_.name(), "the controller refuses AlterPartition: {}; again in 50 ms",
           error_name(error));
    return std::nullopt;
  }
  std::map<Uuid, std::string> names;
  for (const auto& [partition, item] : items_) names[item.topic_id] = partition.topic;
  Answers answers;
  for (const auto& topic : message->topics) {
    const auto name = names.find(topic.topic_id);
    const bool by_id = response.version >= kTopicIdsSince && name != names.end();
    for (const auto& data : topic.partitions) {
      answers.insert_or_assign({by_id ? name->second : topic.topic_name, data.partition_index},
                               to_result(data));
    }
  }
  return answers;
}

void DefaultAlterPartitionManager::complete(const Answers& answers) {
  std::vector<std::pair<AlterPartitionCallback, Result<LeaderAndIsr>>> calls;
  {
    Lock lock(mutex_);
    for (auto item = items_.begin(); item != items_.end();) {
      const auto answer = answers.find(item->first);
      if (!item->second.is_sent || answer == answers.end()) {
        item->second.is_sent = false;  // left out of the answer: goes with the next request
        ++item;
        continue;
      }
      // Before the call, which may propose the next change.
      calls.emplace_back(std::move(item->second.callback), answer->second);
      item = items_.erase(item);
    }
  }
  for (const auto& [callback, answer] : calls) callback(answer);
}

}  // namespace kafkascope

#include "server/handlers/await_metadata.h"

#include <algorithm>

namespace kafkascope {
namespace {

/// Watched under the name of each topic.
template <typename Operation, typename Subject>
void await(ApiContext& context, int32_t timeout_ms, const Subject& subject,
           std::set<std::string> topics, DelayedTopicOperation::Callback callback) {
  if (context.cluster == nullptr || subject.empty()) return callback(*context.metadata.current());
  auto operation = std::make_shared<Operation>(std::chrono::milliseconds(std::max(0, timeout_ms)),
                                               context.metadata, subject, std::move(callback));
  if (timeout_ms <= 0) {
    (void)operation->force_complete();
    return;
  }
  context.cluster->topic_purgatory().try_complete_else_watch(
      operation, std::vector<std::string>(topics.begin(), topics.end()));
}

}  // namespace

void await_leaders(ApiContext& context, int32_t timeout_ms,
                   const std::set<TopicPartition>& partitions,
                   DelayedTopicOperation::Callback callback) {
  std::set<std::string> topics;
  for (const TopicPartition& partition : partitions) topics.insert(partition.topic);
  await<DelayedCreatePartitions>(context, timeout_ms, partitions, std::move(topics),
                                 std::move(callback));
}

void await_deletion(ApiContext& context, int32_t timeout_ms, const std::set<std::string>& topics,
                    DelayedTopicOperation::Callback callback) {
  await<DelayedDeleteTopics>(context, timeout_ms, topics, topics, std::move(callback));
}

void await_election(ApiContext& context, int32_t timeout_ms,
                    const std::map<TopicPartition, BrokerId>& elected,
                    DelayedTopicOperation::Callback callback) {
  std::set<std::string> topics;
  for (const auto& [partition, leader] : elected) topics.insert(partition.topic);
  await<DelayedElectLeader>(context, timeout_ms, elected, std::move(topics), std::move(callback));
}

}  // namespace kafkascope

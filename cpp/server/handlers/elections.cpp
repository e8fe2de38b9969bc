// ElectLeaders: elections that a tool asks for (KIP-460).
#include "protocol/messages/elect_leaders_request.h"
#include "protocol/messages/elect_leaders_response.h"
#include "server/handlers/await_metadata.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

using Elections = std::map<TopicPartition, Result<BrokerId>>;

/// Null asks for all partitions that there are.
std::set<TopicPartition> asked_for(const ElectLeadersRequest& body,
                                   const ClusterMetadata& metadata) {
  std::set<TopicPartition> partitions;
  if (!body.topic_partitions) {
    for (const auto& [partition, state] : metadata.partitions) partitions.insert(partition);
    return partitions;
  }
  for (const auto& topic : *body.topic_partitions) {
    for (PartitionIndex index : topic.partitions) partitions.insert({topic.topic, index});
  }
  return partitions;
}

/// A broker that stands alone leads everything already.
Elections alone(const std::set<TopicPartition>& partitions, const ClusterMetadata& metadata) {
  Elections elections;
  for (const TopicPartition& partition : partitions) {
    const bool known = metadata.partitions.contains(partition);
    const ErrorCode code = !known ? ErrorCode::kUnknownTopicOrPartition
                           : has_leader(metadata, partition)
                               ? ErrorCode::kElectionNotNeeded
                               : ErrorCode::kEligibleLeadersNotAvailable;
    elections.emplace(partition, Result<BrokerId>(code));
  }
  return elections;
}

void add(ElectLeadersResponse& answer, const TopicPartition& partition, ErrorCode code,
         const std::string& message) {
  auto& topics = answer.replica_election_results;
  if (topics.empty() || topics.back().topic != partition.topic)
    topics.push_back({partition.topic, {}});
  ElectLeadersResponse::PartitionResult result{.partition_id = partition.partition,
                                               .error_code = to_wire(code)};
  if (message.empty())
    result.error_message.reset();
  else
    result.error_message = message;
  topics.back().partition_result.push_back(std::move(result));
}

void answer_elections(ApiContext& context, const RequestPtr& request, bool all_partitions,
                      const Elections& elections, const ClusterMetadata& now) {
  ElectLeadersResponse answer;
  const bool refused =
      !elections.empty() && elections.begin()->second.code() == ErrorCode::kNotController;
  if (refused) answer.error_code = to_wire(ErrorCode::kNotController);
  for (const auto& [partition, elected] : elections) {
    if (elected.ok()) {
      const auto found = now.partitions.find(partition);
      const bool heard = found != now.partitions.end() && found->second.leader == *elected;
      add(answer, partition, heard ? ErrorCode::kNone : ErrorCode::kRequestTimedOut, {});
    } else if (!all_partitions || elected.code() != ErrorCode::kElectionNotNeeded) {
      add(answer, partition, elected.code(), elected.error().message);
    }
  }
  respond(context, request, answer);
}

}  // namespace

void handle_elect_leaders(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<ElectLeadersRequest>(*request);
  const auto metadata = context.metadata.current();
  const std::set<TopicPartition> partitions = asked_for(body, *metadata);
  const bool all = !body.topic_partitions.has_value();
  if (context.cluster == nullptr) {
    return answer_elections(context, request, all, alone(partitions, *metadata), *metadata);
  }
  const auto type = body.election_type == 1 ? ElectionType::kUnclean : ElectionType::kPreferred;
  context.cluster->controller().elect_leaders(
      partitions, type, [&context, request, all, timeout = body.timeout_ms](Elections elections) {
        std::map<TopicPartition, BrokerId> elected;
        for (const auto& [partition, leader] : elections) {
          if (leader.ok()) elected.emplace(partition, *leader);
        }
        await_election(
            context, timeout, elected,
            [&context, request, all, elections = std::move(elections)](const ClusterMetadata& now) {
              answer_elections(context, request, all, elections, now);
            });
      });
}

}  // namespace kafkascope

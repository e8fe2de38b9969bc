// AlterPartitionReassignments and ListPartitionReassignments (KIP-455).
#include "protocol/messages/alter_partition_reassignments_request.h"
#include "protocol/messages/alter_partition_reassignments_response.h"
#include "protocol/messages/list_partition_reassignments_request.h"
#include "protocol/messages/list_partition_reassignments_response.h"
#include "server/cluster_membership.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

constexpr const char* kAlone = "A broker that stands alone has nowhere to move partitions to.";

KafkaController::Targets targets_of(const AlterPartitionReassignmentsRequest& body) {
  KafkaController::Targets targets;
  for (const auto& topic : body.topics) {
    for (const auto& partition : topic.partitions)
      targets[{topic.name, partition.partition_index}] = partition.replicas;
  }
  return targets;
}

void refuse(ApiContext& context, const RequestPtr& request, const Error& error) {
  AlterPartitionReassignmentsResponse answer{.error_code = to_wire(error.code)};
  answer.error_message = error.message;
  respond(context, request, answer);
}

void answer_each(ApiContext& context, const RequestPtr& request,
                 const std::map<TopicPartition, Error>& outcomes) {
  AlterPartitionReassignmentsResponse answer;
  answer.error_message.reset();
  for (const auto& [partition, error] : outcomes) {
    if (answer.responses.empty() || answer.responses.back().name != partition.topic)
      answer.responses.push_back({partition.topic, {}});
    auto& out = answer.responses.back().partitions.emplace_back();
    out.partition_index = partition.partition;
    out.error_code = to_wire(error.code);
    if (error.code == ErrorCode::kNone)
      out.error_message.reset();
    else
      out.error_message = error.message;
  }
  respond(context, request, answer);
}

void answer_list(ApiContext& context, const RequestPtr& request,
                 const Result<std::map<TopicPartition, ReplicaAssignment>>& found) {
  ListPartitionReassignmentsResponse answer;
  if (found.ok()) {
    answer.error_message.reset();
    for (const auto& [partition, assignment] : *found) {
      if (answer.topics.empty() || answer.topics.back().name != partition.topic)
        answer.topics.push_back({partition.topic, {}});
      answer.topics.back().partitions.push_back(
          {partition.partition, assignment.replicas, assignment.adding, assignment.removing});
    }
  } else {
    answer.error_code = to_wire(found.code());
    answer.error_message = found.error().message;
  }
  respond(context, request, answer);
}

}  // namespace

void handle_alter_partition_reassignments(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<AlterPartitionReassignmentsRequest>(*request);
  if (context.cluster == nullptr)
    return refuse(context, request, {ErrorCode::kInvalidReplicaAssignment, kAlone});
  context.cluster->controller().alter_partition_reassignments(
      targets_of(body), [&context, request](Result<std::map<TopicPartition, Error>> outcomes) {
        if (!outcomes.ok()) return refuse(context, request, outcomes.error());
        answer_each(context, request, *outcomes);
      });
}

void handle_list_partition_reassignments(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<ListPartitionReassignmentsRequest>(*request);
  if (context.cluster == nullptr)
    return answer_list(context, request, std::map<TopicPartition, ReplicaAssignment>());
  std::optional<std::set<TopicPartition>> partitions;
  if (body.topics) {
    partitions.emplace();
    for (const auto& topic : *body.topics) {
      for (PartitionIndex index : topic.partition_indexes) partitions->insert({topic.name, index});
    }
  }
  context.cluster->controller().list_partition_reassignments(
      std::move(partitions),
      [&context, request](Result<std::map<TopicPartition, ReplicaAssignment>> found) {
        answer_list(context, request, found);
      });
}

}  // namespace kafkascope

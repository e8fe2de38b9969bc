// CreateTopics, DeleteTopics, CreatePartitions.
#include <algorithm>

#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "server/config_entries.h"
#include "server/handlers/await_metadata.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

using CreateResult = CreateTopicsResponse::CreatableTopicResult;

TopicRequest to_request(const CreateTopicsRequest::CreatableTopic& topic) {
  TopicRequest request{topic.name, topic.num_partitions, topic.replication_factor, {}, {}};
  for (const auto& assignment : topic.assignments) {
    request.assignments[assignment.partition_index] = assignment.broker_ids;
  }
  for (const auto& config : topic.configs) {
    if (config.value) request.configs[config.name] = *config.value;
  }
  return request;
}

/// What the topic became, with its configuration (KIP-525).
CreateResult created(ApiContext& context, const TopicMetadata& topic) {
  CreateResult out{.name = topic.name, .topic_id = topic.id};
  out.error_message.reset();
  out.num_partitions = static_cast<int32_t>(topic.assignment.size());
  out.replication_factor = static_cast<int16_t>(topic.assignment.begin()->second.size());
  for (const DescribedConfig& entry : topic_config_entries(context.config, topic.configs)) {
    out.configs->push_back(
        {entry.name, entry.value, false, static_cast<int8_t>(entry.source), entry.sensitive});
  }
  return out;
}

Result<TopicMetadata> create(ApiContext& context, const CreateTopicsRequest& body,
                             const CreateTopicsRequest::CreatableTopic& topic) {
  if (!is_controller(context)) return {ErrorCode::kNotController, kNotControllerMessage};
  const auto same_name = [&](const auto& other) { return other.name == topic.name; };
  if (std::count_if(body.topics.begin(), body.topics.end(), same_name) > 1)
    return {ErrorCode::kInvalidRequest, "Duplicate topic name."};
  return context.admin.create_topic(to_request(topic), body.validate_only);
}

CreateResult create_one(ApiContext& context, const CreateTopicsRequest& body,
                        const CreateTopicsRequest::CreatableTopic& topic) {
  const Result<TopicMetadata> made = create(context, body, topic);
  if (made.ok()) return created(context, *made);
  CreateResult out{.name = topic.name,
                   .error_code = to_wire(made.code()),
                   .error_message = made.error().message};
  out.configs.reset();
  return out;
}

template <typename TopicResult>
void time_out(TopicResult& result) {
  result.error_code = to_wire(ErrorCode::kRequestTimedOut);
  result.error_message = "The request timed out: what was asked for is still under way.";
}

/// Topics among the partitions of which one has no leader yet.
std::set<std::string> without_leader(const ClusterMetadata& metadata,
                                     const std::set<TopicPartition>& partitions) {
  std::set<std::string> topics;
  for (const TopicPartition& partition : partitions) {
    if (!has_leader(metadata, partition)) topics.insert(partition.topic);
  }
  return topics;
}

}  // namespace

void handle_create_topics(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<CreateTopicsRequest>(*request);
  CreateTopicsResponse answer;
  std::set<TopicPartition> made;
  for (const auto& topic : body.topics) {
    answer.topics.push_back(create_one(context, body, topic));
    const CreateResult& result = answer.topics.back();
    if (result.error_code != 0 || body.validate_only) continue;
    for (PartitionIndex index = 0; index < result.num_partitions; ++index)
      made.insert({topic.name, index});
  }
  await_leaders(
      context, body.timeout_ms, made,
      [&context, request, answer = std::move(answer), made](const ClusterMetadata& now) mutable {
        const std::set<std::string> waiting = without_leader(now, made);
        for (CreateResult& result : answer.topics) {
          if (waiting.contains(result.name)) time_out(result);
        }
        respond(context, request, answer);
      });
}

namespace {

using DeleteResult = DeleteTopicsResponse::DeletableTopicResult;

DeleteResult delete_one(ApiContext& context, const DeleteTopicsRequest::DeleteTopicState& topic) {
  DeleteResult out{.name = topic.name, .topic_id = topic.topic_id};
  if (!is_controller(context)) {
    out.error_code = to_wire(ErrorCode::kNotController);
    out.error_message = kNotControllerMessage;
    return out;
  }
  if (!topic.name) {
    const auto metadata = context.metadata.current();
    const TopicMetadata* found = metadata->find_topic(topic.topic_id);
    if (found == nullptr) {
      out.error_code = to_wire(ErrorCode::kUnknownTopicId);
      return out;
    }
    out.name = found->name;
  }
  if (const auto deleted = context.admin.delete_topic(*out.name); deleted.ok()) {
    out.topic_id = deleted->id;
  } else {
    out.error_code = to_wire(deleted.code());
    out.error_message = deleted.error().message;
  }
  return out;
}

}  // namespace

void handle_delete_topics(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DeleteTopicsRequest>(*request);
  DeleteTopicsResponse answer;
  std::vector<DeleteTopicsRequest::DeleteTopicState> wanted = body.topics;
  for (const std::string& name : body.topic_names) wanted.push_back({name, {}});
  std::set<std::string> deleted;
  for (const auto& topic : wanted) {
    answer.responses.push_back(delete_one(context, topic));
    if (answer.responses.back().error_code == 0) deleted.insert(*answer.responses.back().name);
  }
  await_deletion(
      context, body.timeout_ms, deleted,
      [&context, request, answer = std::move(answer), deleted](const ClusterMetadata& now) mutable {
        for (DeleteResult& result : answer.responses) {
          if (result.name && deleted.contains(*result.name) && now.topics.contains(*result.name))
            time_out(result);
        }
        respond(context, request, answer);
      });
}

namespace {

using PartitionsResult = CreatePartitionsResponse::CreatePartitionsTopicResult;

PartitionsResult add_partitions(ApiContext& context,
                                const CreatePartitionsRequest::CreatePartitionsTopic& topic,
                                bool validate_only) {
  std::vector<std::vector<BrokerId>> assignments;
  if (topic.assignments) {
    for (const auto& assignment : *topic.assignments) assignments.push_back(assignment.broker_ids);
  }
  PartitionsResult out{.name = topic.name};
  const auto made =
      is_controller(context)
          ? context.admin.create_partitions(topic.name, topic.count, assignments, validate_only)
          : Result<TopicMetadata>(ErrorCode::kNotController, kNotControllerMessage);
  if (!made.ok()) {
    out.error_code = to_wire(made.code());
    out.error_message = made.error().message;
  }
  return out;
}

}  // namespace

void handle_create_partitions(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<CreatePartitionsRequest>(*request);
  CreatePartitionsResponse answer;
  std::set<TopicPartition> made;
  for (const auto& topic : body.topics) {
    answer.results.push_back(add_partitions(context, topic, body.validate_only));
    if (answer.results.back().error_code != 0 || body.validate_only) continue;
    for (PartitionIndex index = 0; index < topic.count; ++index) made.insert({topic.name, index});
  }
  await_leaders(
      context, body.timeout_ms, made,
      [&context, request, answer = std::move(answer), made](const ClusterMetadata& now) mutable {
        const std::set<std::string> waiting = without_leader(now, made);
        for (PartitionsResult& result : answer.results) {
          if (waiting.contains(result.name)) time_out(result);
        }
        respond(context, request, answer);
      });
}

}  // namespace kafkascope

// CreateTopics, DeleteTopics, CreatePartitions.
#include <algorithm>

#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "server/config_entries.h"
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

CreateResult create_one(ApiContext& context, const CreateTopicsRequest& body,
                        const CreateTopicsRequest::CreatableTopic& topic) {
  const auto same_name = [&](const auto& other) { return other.name == topic.name; };
  Result<TopicMetadata> made =
      std::count_if(body.topics.begin(), body.topics.end(), same_name) > 1
          ? Result<TopicMetadata>(ErrorCode::kInvalidRequest, "Duplicate topic name.")
          : context.admin.create_topic(to_request(topic), body.validate_only);
  if (made.ok()) return created(context, *made);
  CreateResult out{.name = topic.name,
                   .error_code = to_wire(made.code()),
                   .error_message = made.error().message};
  out.configs.reset();
  return out;
}

}  // namespace

void handle_create_topics(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<CreateTopicsRequest>(*request);
  CreateTopicsResponse answer;
  for (const auto& topic : body.topics) answer.topics.push_back(create_one(context, body, topic));
  respond(context, request, answer);
}

void handle_delete_topics(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DeleteTopicsRequest>(*request);
  DeleteTopicsResponse answer;
  std::vector<DeleteTopicsRequest::DeleteTopicState> wanted = body.topics;
  for (const std::string& name : body.topic_names) wanted.push_back({name, {}});
  for (const auto& topic : wanted) {
    DeleteTopicsResponse::DeletableTopicResult out{.name = topic.name, .topic_id = topic.topic_id};
    std::string name = topic.name.value_or("");
    if (!topic.name) {
      const auto metadata = context.metadata.current();
      const TopicMetadata* found = metadata->find_topic(topic.topic_id);
      name = found == nullptr ? std::string() : found->name;
      if (found != nullptr) out.name = name;
    }
    if (!topic.name && name.empty()) {
      out.error_code = to_wire(ErrorCode::kUnknownTopicId);
    } else if (const auto deleted = context.admin.delete_topic(name); deleted.ok()) {
      out.topic_id = deleted->id;
    } else {
      out.error_code = to_wire(deleted.code());
      out.error_message = deleted.error().message;
    }
    answer.responses.push_back(std::move(out));
  }
  respond(context, request, answer);
}

void handle_create_partitions(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<CreatePartitionsRequest>(*request);
  CreatePartitionsResponse answer;
  for (const auto& topic : body.topics) {
    std::vector<std::vector<BrokerId>> assignments;
    if (topic.assignments) {
      for (const auto& assignment : *topic.assignments)
        assignments.push_back(assignment.broker_ids);
    }
    CreatePartitionsResponse::CreatePartitionsTopicResult out{.name = topic.name};
    const auto made =
        context.admin.create_partitions(topic.name, topic.count, assignments, body.validate_only);
    if (!made.ok()) {
      out.error_code = to_wire(made.code());
      out.error_message = made.error().message;
    }
    answer.results.push_back(std::move(out));
  }
  respond(context, request, answer);
}

}  // namespace kafkascope

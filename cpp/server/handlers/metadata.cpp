// Metadata and DescribeCluster: who the brokers are, and who leads what.
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

// Bits of the operations that everyone may do while there is no authorizer: read, write, create,
// delete, alter, describe, describe configs, alter configs; and those of the cluster (KIP-430).
constexpr int32_t kTopicOperations = 0b110111111000;
constexpr int32_t kClusterOperations = 0b1111110100000;

MetadataResponse::MetadataResponseTopic topic_error(ErrorCode code,
                                                    const std::optional<std::string>& name,
                                                    const Uuid& id = {}) {
  return {.error_code = to_wire(code), .name = name, .topic_id = id};
}

MetadataResponse::MetadataResponseTopic describe(const ClusterMetadata& metadata,
                                                 const TopicMetadata& topic) {
  MetadataResponse::MetadataResponseTopic out{.name = topic.name, .topic_id = topic.id};
  out.is_internal = is_internal_topic(topic.name);
  for (const auto& [index, replicas] : topic.assignment) {
    const auto found = metadata.partitions.find({topic.name, index});
    MetadataResponse::MetadataResponsePartition partition{.partition_index = index,
                                                          .leader_id = -1};
    partition.replica_nodes = replicas;
    if (found == metadata.partitions.end() || found->second.leader < 0) {
      partition.error_code = to_wire(ErrorCode::kLeaderNotAvailable);
    }
    if (found != metadata.partitions.end()) {
      partition.leader_id = found->second.leader;
      partition.leader_epoch = found->second.leader_epoch;
      partition.isr_nodes = found->second.isr;
      partition.offline_replicas = found->second.offline_replicas;
    }
    out.partitions.push_back(std::move(partition));
  }
  return out;
}

/// Brokers as they are reached by the listener that the request came in by; those that have none of
/// that name are left out.
template <typename Answer>
void add_brokers(Answer& answer, const ClusterMetadata& metadata, const std::string& listener) {
  for (const auto& [id, broker] : metadata.brokers) {
    if (const BrokerListener* found = broker.find_listener(listener))
      answer.brokers.push_back({id, found->endpoint.host, found->endpoint.port, broker.rack});
  }
}

MetadataResponse::MetadataResponseTopic find_or_create(ApiContext& context,
                                                       const MetadataRequest& body,
                                                       const std::string& name) {
  if (const auto metadata = context.metadata.current();
      const TopicMetadata* topic = metadata->find_topic(name)) {
    return describe(*metadata, *topic);
  }
  if (!topic_name_problem(name).empty())
    return topic_error(ErrorCode::kInvalidTopicException, name);
  if (!body.allow_auto_topic_creation || !context.config.auto_create_topics ||
      is_internal_topic(name)) {
    return topic_error(ErrorCode::kUnknownTopicOrPartition, name);
  }
  const ErrorCode made = context.admin.create_topic({.name = name}, false).code();
  // Created by this request or by one beside it: the client asks again, as when a controller has
  // yet to elect the leaders.
  const bool there = made == ErrorCode::kNone || made == ErrorCode::kTopicAlreadyExists;
  return topic_error(there ? ErrorCode::kLeaderNotAvailable : made, name);
}

/// By its id where there is one, whatever the name: kafka-clients sends an empty one beside it.
MetadataResponse::MetadataResponseTopic look_up(ApiContext& context, const MetadataRequest& body,
                                                const MetadataRequest::MetadataRequestTopic& asked,
                                                int16_t version) {
  if (asked.topic_id.is_zero() && asked.name) return find_or_create(context, body, *asked.name);
  if (asked.topic_id.is_zero() || version < 12)
    return topic_error(ErrorCode::kInvalidRequest, asked.name.value_or(""), asked.topic_id);
  const auto metadata = context.metadata.current();
  const TopicMetadata* found = metadata->find_topic(asked.topic_id);
  return found != nullptr ? describe(*metadata, *found)
                          : topic_error(ErrorCode::kUnknownTopicId, std::nullopt, asked.topic_id);
}

}  // namespace

void handle_metadata(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<MetadataRequest>(*request);
  MetadataResponse answer;
  // Version 0 has no null: there the empty list asks for all topics.
  const bool all = !body.topics || (request->version() == 0 && body.topics->empty());
  if (all) {
    const auto metadata = context.metadata.current();
    for (const auto& [name, topic] : metadata->topics)
      answer.topics.push_back(describe(*metadata, topic));
  } else {
    for (const auto& topic : *body.topics)
      answer.topics.push_back(look_up(context, body, topic, request->version()));
  }
  if (body.include_topic_authorized_operations) {
    // Also of a topic that does not exist: clients read the bits whatever the error.
    for (auto& topic : answer.topics) topic.topic_authorized_operations = kTopicOperations;
  }
  const auto metadata = context.metadata.current();
  add_brokers(answer, *metadata, request->listener_name);
  answer.cluster_id = metadata->cluster_id;
  answer.controller_id = metadata->controller_id;
  if (body.include_cluster_authorized_operations)
    answer.cluster_authorized_operations = kClusterOperations;
  respond(context, request, answer);
}

void handle_describe_cluster(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DescribeClusterRequest>(*request);
  const auto metadata = context.metadata.current();
  DescribeClusterResponse answer;
  answer.endpoint_type = body.endpoint_type;
  if (body.endpoint_type != 1) {
    answer.error_code = to_wire(ErrorCode::kUnsupportedEndpointType);
    answer.error_message = "Unsupported endpoint type " + std::to_string(body.endpoint_type);
    return respond(context, request, answer);
  }
  answer.cluster_id = metadata->cluster_id;
  answer.controller_id = metadata->controller_id;
  add_brokers(answer, *metadata, request->listener_name);
  if (body.include_cluster_authorized_operations)
    answer.cluster_authorized_operations = kClusterOperations;
  respond(context, request, answer);
}

}  // namespace kafkascope

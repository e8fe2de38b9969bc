#include "replication/fetcher/remote_leader_end_point.h"

#include <fmt/core.h>

#include "clients/consumer/fetch_session_request.h"
#include "clients/list_offsets.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"

namespace kafkascope {
namespace {

constexpr int16_t kFirstFetchWithSessions = 7;
constexpr int16_t kLastFetchWithNames = 12;
constexpr int16_t kFirstFetchWithReplicaState = 15;
constexpr int16_t kFirstListOffsetsWithOneOffset = 1;

CommonClientConfig with_client_id(CommonClientConfig config, std::string client_id) {
  config.client_id = std::move(client_id);
  return config;
}

FetchedPartition fetched(const protocol::FetchResponse::PartitionData& data) {
  FetchedPartition partition{error_code_from_wire(data.error_code),
                             data.high_watermark,
                             data.log_start_offset,
                             std::nullopt,
                             {}};
  if (data.diverging_epoch.epoch >= 0) {
    partition.diverging_epoch = EpochEndOffset{ErrorCode::kNone, data.diverging_epoch.epoch,
                                               data.diverging_epoch.end_offset};
  }
  if (data.records.has_value()) partition.records = data.records->to_slice();
  return partition;
}

}  // namespace

RemoteLeaderEndPoint::RemoteLeaderEndPoint(Node& node, const ReplicationConfig& config,
                                           const BrokerNode& leader, int fetcher_id,
                                           std::function<int64_t()> broker_epoch)
    : config_(config),
      broker_epoch_(std::move(broker_epoch)),
      sender_(node,
              with_client_id(config.inter_broker_client,
                             fmt::format("broker-{}-fetcher-{}", config.broker_id, fetcher_id)),
              leader),
      session_(leader.id) {}

ClientResponse RemoteLeaderEndPoint::send(std::unique_ptr<RequestBody> body) {
  return sender_.send(std::move(body), config_.replica_socket_timeout);
}

std::unique_ptr<RequestBody> RemoteLeaderEndPoint::fetch_request(
    const FetchSessionRequest& session) const {
  const int16_t newest = config_.protocol.fetch_version();
  const int16_t version = session.uses_topic_ids ? newest : std::min(newest, kLastFetchWithNames);
  protocol::FetchRequest request;
  if (version >= kFirstFetchWithReplicaState)
    request.replica_state = {config_.broker_id, broker_epoch_()};
  else
    request.replica_id = config_.broker_id;
  request.max_wait_ms = static_cast<int32_t>(
      std::chrono::duration_cast<Milliseconds>(config_.replica_fetch_wait_max).count());
  request.min_bytes = config_.replica_fetch_min_bytes;
  request.max_bytes = config_.replica_fetch_response_max_bytes;
  put_session(request, session);
  if (version < kFirstFetchWithSessions) request.forgotten_topics_data.clear();
  return make_request(std::move(request), {}, version, version);
}

Result<std::map<TopicPartition, FetchedPartition>> RemoteLeaderEndPoint::fetch(
    FetchPartitions wanted) {
  const FetchSessionRequest session = session_.build(std::move(wanted));
  const ClientResponse response = send(fetch_request(session));
  Result<protocol::FetchResponse> decoded = response.decode<protocol::FetchResponse>();
  if (decoded.ok()) return accept(*decoded, response.version, session);
  session_.handle_error();
  return decoded.error();
}

Result<std::map<TopicPartition, FetchedPartition>> RemoteLeaderEndPoint::accept(
    protocol::FetchResponse& response, int16_t version, const FetchSessionRequest& session) {
  std::map<Uuid, std::string> names;
  for (const auto& [tp, data] : session.session_partitions) names.emplace(data.topic_id, tp.topic);
  std::map<TopicPartition, FetchedPartition> partitions;
  std::set<TopicPartition> answered;
  for (const auto& topic : response.responses) {
    const auto name = names.find(topic.topic_id);
    const std::string& known =
        version > kLastFetchWithNames && name != names.end() ? name->second : topic.topic;
    for (const auto& partition : topic.partitions) {
      const TopicPartition tp{known, partition.partition_index};
      answered.insert(tp);
      partitions[tp] = fetched(partition);
    }
  }
  const ErrorCode error = error_code_from_wire(response.error_code);
  if (version < kFirstFetchWithSessions) {
    session_.handle_error();  // no sessions there: every request is a full one
  } else if (!session_.handle_response(error, response.session_id, answered)) {
    const bool session_is_gone = error == ErrorCode::kNone ||
                                 error == ErrorCode::kFetchSessionIdNotFound ||
                                 error == ErrorCode::kInvalidFetchSessionEpoch;
    if (!session_is_gone)
      return Error{error, fmt::format("the fetch was refused: {}", error_name(error))};
    return std::map<TopicPartition, FetchedPartition>();
  }
  return partitions;
}

std::map<TopicPartition, EpochEndOffset> RemoteLeaderEndPoint::fetch_epoch_end_offsets(
    const std::map<TopicPartition, EpochQuery>& queries) {
  protocol::OffsetForLeaderEpochRequest request;
  request.replica_id = config_.broker_id;
  std::map<TopicPartition, EpochEndOffset> answers;
  for (const auto& [tp, query] : queries) {
    if (request.topics.empty() || request.topics.back().topic != tp.topic)
      request.topics.emplace_back().topic = tp.topic;
    request.topics.back().partitions.push_back(
        {tp.partition, query.current_leader_epoch, query.leader_epoch});
    answers[tp].error = ErrorCode::kUnknownServerError;  // until it is answered
  }
  const int16_t version = config_.protocol.offset_for_leader_epoch_version();
  const ClientResponse response = send(make_request(std::move(request), {}, version, version));
  const auto decoded = response.decode<protocol::OffsetForLeaderEpochResponse>();
  if (!decoded.ok()) {
    for (auto& [tp, answer] : answers) answer.error = decoded.code();
    return answers;
  }
  for (const auto& topic : decoded->topics) {
    for (const auto& partition : topic.partitions) {
      const auto answer = answers.find({topic.topic, partition.partition});
      if (answer == answers.end()) continue;
      answer->second = {error_code_from_wire(partition.error_code), partition.leader_epoch,
                        partition.end_offset};
    }
  }
  return answers;
}

Result<Offset> RemoteLeaderEndPoint::fetch_earliest_offset(const TopicPartition& partition,
                                                           LeaderEpoch current_leader_epoch) {
  return fetch_offset(partition, current_leader_epoch, kEarliestTimestamp);
}

Result<Offset> RemoteLeaderEndPoint::fetch_latest_offset(const TopicPartition& partition,
                                                         LeaderEpoch current_leader_epoch) {
  return fetch_offset(partition, current_leader_epoch, kLatestTimestamp);
}

Result<Offset> RemoteLeaderEndPoint::fetch_offset(const TopicPartition& partition,
                                                  LeaderEpoch current_leader_epoch,
                                                  TimestampMs which) {
  protocol::ListOffsetsRequest request;
  request.replica_id = config_.broker_id;
  request.topics.emplace_back().name = partition.topic;
  auto& asked = request.topics.back().partitions.emplace_back();
  asked.partition_index = partition.partition;
  asked.current_leader_epoch = current_leader_epoch;
  asked.timestamp = which;
  const int16_t version = config_.protocol.list_offsets_version();
  const ClientResponse response = send(make_request(std::move(request), {}, version, version));
  const auto decoded = response.decode<protocol::ListOffsetsResponse>();
  if (!decoded.ok()) return decoded.error();
  for (const auto& topic : decoded->topics) {
    for (const auto& answer : topic.partitions) {
      if (topic.name != partition.topic || answer.partition_index != partition.partition) continue;
      if (answer.error_code != 0) return error_code_from_wire(answer.error_code);
      if (response.version >= kFirstListOffsetsWithOneOffset) return answer.offset;
      if (!answer.old_style_offsets.empty()) return answer.old_style_offsets.front();
    }
  }
  return Error{ErrorCode::kUnknownServerError,
               "the leader answered no offset of " + partition.to_string()};
}

}  // namespace kafkascope

#include "clients/list_offsets.h"

#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"

namespace kafkascope {
namespace {

constexpr int16_t kFirstVersionWithTimestamps = 1;
constexpr int16_t kFirstVersionWithIsolation = 2;
constexpr int16_t kFirstVersionWithMaxTimestamp = 7;
constexpr int32_t kConsumerReplicaId = -1;

}  // namespace

std::unique_ptr<RequestBody> list_offsets_request(
    const std::map<TopicPartition, ListOffsetsQuery>& queries, IsolationLevel isolation) {
  protocol::ListOffsetsRequest request;
  request.replica_id = kConsumerReplicaId;
  request.isolation_level = static_cast<int8_t>(isolation);
  int16_t lowest = isolation == IsolationLevel::kReadCommitted ? kFirstVersionWithIsolation
                                                               : kFirstVersionWithTimestamps;
  for (const auto& [tp, query] : queries) {
    if (request.topics.empty() || request.topics.back().name != tp.topic)
      request.topics.emplace_back().name = tp.topic;
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition_index = tp.partition;
    partition.current_leader_epoch = query.current_leader_epoch;
    partition.timestamp = query.timestamp;
    if (query.timestamp == kMaxTimestamp) lowest = kFirstVersionWithMaxTimestamp;
  }
  return make_request(std::move(request), {}, lowest);
}

Result<std::map<TopicPartition, ListOffsetsOutcome>> list_offsets_outcomes(
    const ClientResponse& response) {
  const Result<protocol::ListOffsetsResponse> decoded =
      response.decode<protocol::ListOffsetsResponse>();
  if (!decoded) return decoded.error();
  std::map<TopicPartition, ListOffsetsOutcome> outcomes;
  for (const auto& topic : decoded->topics) {
    for (const auto& partition : topic.partitions) {
      outcomes[{topic.name, partition.partition_index}] = {
          error_code_from_wire(partition.error_code), partition.offset, partition.timestamp,
          partition.leader_epoch};
    }
  }
  return outcomes;
}

}  // namespace kafkascope

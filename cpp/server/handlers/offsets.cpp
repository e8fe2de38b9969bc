// ListOffsets, OffsetForLeaderEpoch and DeleteRecords: questions about a log's offsets, and its
// start.
#include "log/epoch/epoch_entry.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

using ListPartition = ListOffsetsRequest::ListOffsetsPartition;
using ListResult = ListOffsetsResponse::ListOffsetsPartitionResponse;

/// Replicas see all, consumers (-1) what is committed.
std::optional<FetchIsolation> isolation_of(const ListOffsetsRequest& body) {
  if (body.replica_id != -1) return std::nullopt;
  return body.isolation_level == 1 ? FetchIsolation::kTxnCommitted : FetchIsolation::kHighWatermark;
}

ErrorCode error_for(ErrorCode code, int16_t version) {
  // OFFSET_NOT_AVAILABLE came with version 5: older clients retry on this one.
  return code == ErrorCode::kOffsetNotAvailable && version < 5 ? ErrorCode::kLeaderNotAvailable
                                                               : code;
}

ListResult list_one(ApiContext& context, const TopicPartition& name, const ListPartition& asked,
                    std::optional<FetchIsolation> isolation, int16_t version) {
  ListResult out{.partition_index = asked.partition_index};
  try {
    const auto partition = context.replicas.get_partition_or_error(name);
    const auto found = partition.ok()
                           ? (*partition)
                                 ->fetch_offset_for_timestamp(asked.timestamp, isolation,
                                                              asked.current_leader_epoch, true)
                           : Result<TimestampAndOffset>(partition.error());
    if (!found.ok()) {
      out.error_code = to_wire(error_for(found.code(), version));
      return out;
    }
    if (version == 0) {
      if (found->offset >= 0) out.old_style_offsets.push_back(found->offset);
      return out;
    }
    out.timestamp = found->timestamp;
    out.offset = found->offset;
    if (version >= 4) out.leader_epoch = found->leader_epoch;
  } catch (const KafkaException& e) {
    out.error_code = to_wire(e.code());
  }
  return out;
}

}  // namespace

void handle_list_offsets(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<ListOffsetsRequest>(*request);
  const auto isolation = isolation_of(body);
  ListOffsetsResponse answer;
  for (const auto& topic : body.topics) {
    auto& out = answer.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back(list_one(context, {topic.name, partition.partition_index}, partition,
                                        isolation, request->version()));
    }
  }
  respond(context, request, answer);
}

void handle_offset_for_leader_epoch(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<OffsetForLeaderEpochRequest>(*request);
  OffsetForLeaderEpochResponse answer;
  for (const auto& topic : body.topics) {
    auto& out = answer.topics.emplace_back();
    out.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      OffsetForLeaderEpochResponse::EpochEndOffset result{.partition = asked.partition};
      const auto partition =
          context.replicas.get_partition_or_error({topic.topic, asked.partition});
      const auto end = partition.ok()
                           ? (*partition)
                                 ->last_offset_for_leader_epoch(asked.current_leader_epoch,
                                                                asked.leader_epoch, true)
                           : Result<EpochEntry>(partition.error());
      if (end.ok()) {
        result.leader_epoch = end->epoch;
        result.end_offset = end->start_offset;
      } else {
        result.error_code = to_wire(end.code());
      }
      out.partitions.push_back(result);
    }
  }
  respond(context, request, answer);
}

void handle_delete_records(ApiContext& context, const RequestPtr& request) {
  auto body =
      std::make_shared<const DeleteRecordsRequest>(decode_body<DeleteRecordsRequest>(*request));
  std::map<TopicPartition, Offset> before;
  for (const auto& topic : body->topics) {
    for (const auto& asked : topic.partitions)
      before[{topic.name, asked.partition_index}] = asked.offset;
  }
  context.replicas.delete_records(
      std::chrono::milliseconds(body->timeout_ms), before,
      [&context, request, body](const DeleteRecordsResults& results) {
        DeleteRecordsResponse answer;
        for (const auto& topic : body->topics) {
          auto& out = answer.topics.emplace_back();
          out.name = topic.name;
          for (const auto& asked : topic.partitions) {
            const DeleteRecordsResult& result = results.at({topic.name, asked.partition_index});
            const bool ok = result.error == ErrorCode::kNone;
            out.partitions.push_back({.partition_index = asked.partition_index,
                                      .low_watermark = ok ? result.low_watermark : -1,
                                      .error_code = to_wire(result.error)});
          }
        }
        respond(context, request, answer);
      });
}

}  // namespace kafkascope

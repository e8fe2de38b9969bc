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
#include "server/handlers/leader_of.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

constexpr TimestampMs kLatest = -1;
constexpr TimestampMs kEarliest = -2;

/// What consumers see ends at the high watermark, or at the last stable offset.
TimestampAndOffset look_up(Partition& partition, TimestampMs timestamp, bool committed_only) {
  const std::shared_ptr<Log> shared = partition.log();
  Log& log = *shared;
  const Offset end = committed_only ? log.last_stable_offset() : log.high_watermark();
  if (timestamp == kLatest) return {kNoTimestamp, end, partition.leader_epoch()};
  const std::optional<TimestampAndOffset> found = log.fetch_offset_by_timestamp(timestamp);
  if (!found || (timestamp != kEarliest && found->offset >= end))
    return {kNoTimestamp, kNoOffset, kNoLeaderEpoch};
  return *found;
}

using ListPartition = ListOffsetsRequest::ListOffsetsPartition;
using ListResult = ListOffsetsResponse::ListOffsetsPartitionResponse;

ListResult list_one(ApiContext& context, const TopicPartition& name, const ListPartition& asked,
                    bool committed_only, int16_t version) {
  ListResult out{.partition_index = asked.partition_index};
  const auto partition = leader_of(context, name, asked.current_leader_epoch);
  if (!partition.ok()) {
    out.error_code = to_wire(partition.code());
    return out;
  }
  try {
    const TimestampAndOffset found = look_up(**partition, asked.timestamp, committed_only);
    if (version == 0) {
      if (found.offset >= 0) out.old_style_offsets.push_back(found.offset);
      return out;
    }
    out.timestamp = found.timestamp;
    out.offset = found.offset;
    if (version >= 4) out.leader_epoch = found.leader_epoch;
  } catch (const KafkaException& e) {
    out.error_code = to_wire(e.code());
  }
  return out;
}

}  // namespace

void handle_list_offsets(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<ListOffsetsRequest>(*request);
  ListOffsetsResponse answer;
  for (const auto& topic : body.topics) {
    auto& out = answer.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      out.partitions.push_back(list_one(context, {topic.name, partition.partition_index}, partition,
                                        body.isolation_level == 1, request->version()));
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
          leader_of(context, {topic.topic, asked.partition}, asked.current_leader_epoch);
      if (!partition.ok()) {
        result.error_code = to_wire(partition.code());
      } else if (const auto end = (*partition)->log()->end_offset_for_epoch(asked.leader_epoch)) {
        result.leader_epoch = end->epoch;
        result.end_offset = end->start_offset;
      }
      out.partitions.push_back(result);
    }
  }
  respond(context, request, answer);
}

void handle_delete_records(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DeleteRecordsRequest>(*request);
  DeleteRecordsResponse answer;
  for (const auto& topic : body.topics) {
    auto& out = answer.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      DeleteRecordsResponse::DeleteRecordsPartitionResult result{
          .partition_index = asked.partition_index, .low_watermark = -1};
      const auto partition = leader_of(context, {topic.name, asked.partition_index});
      const Result<Offset> start = partition.ok() ? (*partition)->delete_records(asked.offset)
                                                  : Result<Offset>(partition.error());
      if (start.ok()) {
        result.low_watermark = *start;
      } else {
        result.error_code = to_wire(start.code());
      }
      out.partitions.push_back(result);
    }
  }
  respond(context, request, answer);
}

}  // namespace kafkascope

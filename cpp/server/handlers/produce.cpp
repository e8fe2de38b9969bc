// Produce: records stay a slice of the request's frame until the log has written them.
#include "common/logging.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

void close(ApiContext& context, const RequestPtr& request, const char* why) {
  KS_LOG(kWarn, context.node.name(), "closing connection {}: {} v{}: {}", request->connection_id,
         request->parsed.api->name, request->version(), why);
  context.channel.close_connection(request);
}

ProduceResponse::PartitionProduceResponse to_response(PartitionIndex index,
                                                      const LogAppendInfo& info, int16_t version) {
  ProduceResponse::PartitionProduceResponse out{.index = index, .error_code = to_wire(info.error)};
  // KAFKA_STORAGE_ERROR came with version 4: older clients retry on NOT_LEADER_OR_FOLLOWER.
  if (info.error == ErrorCode::kKafkaStorageError && version < 4)
    out.error_code = to_wire(ErrorCode::kNotLeaderOrFollower);
  out.base_offset = info.ok() ? info.first_offset : -1;
  out.log_append_time_ms = info.log_append_time;
  out.log_start_offset = info.log_start_offset;
  if (!info.error_message.empty()) out.error_message = info.error_message;
  for (const RecordError& error : info.record_errors)
    out.record_errors.push_back({error.batch_index, error.message});
  return out;
}

void count(ApiContext& context, const TopicPartition& partition, const LogAppendInfo& info,
           size_t bytes) {
  const auto meter = [&](const char* name) -> Meter& {
    return context.metrics.meter(
        {"kafka.server", "BrokerTopicMetrics", name, {{"topic", partition.topic}}});
  };
  if (!info.ok()) return meter("FailedProduceRequestsPerSec").mark();
  meter("MessagesInPerSec").mark(info.num_messages());
  meter("BytesInPerSec").mark(static_cast<int64_t>(bytes));
}

/// The results in the order of the request.
void answer(ApiContext& context, const RequestPtr& request, const ProduceRequest& body,
            const ProduceResults& results) {
  ProduceResponse response;
  bool failed = false;
  for (const auto& topic : body.topic_data) {
    auto& out = response.responses.emplace_back();
    out.name = topic.name;
    for (const auto& data : topic.partition_data) {
      const TopicPartition partition{topic.name, data.index};
      const LogAppendInfo& info = results.at(partition);
      count(context, partition, info, data.records ? data.records->size() : 0);
      failed |= !info.ok();
      out.partition_responses.push_back(to_response(data.index, info, request->version()));
    }
  }
  if (body.acks != 0) return respond(context, request, response);
  // Nobody reads an answer: only a closed connection can tell that a record was refused.
  if (failed) return close(context, request, "records without acks were refused");
  context.channel.send_no_operation(request);
}

LogAppendInfo refusal(ErrorCode code, const char* message) {
  LogAppendInfo info;
  info.error = code;
  info.error_message = message;
  return info;
}

}  // namespace

void handle_produce(ApiContext& context, const RequestPtr& request) {
  auto body = std::make_shared<const ProduceRequest>(decode_body<ProduceRequest>(*request));
  ProduceResults refused;
  std::map<TopicPartition, SharedSlice> entries;
  for (const auto& topic : body->topic_data) {
    for (const auto& data : topic.partition_data) {
      const TopicPartition partition{topic.name, data.index};
      if (body->acks < -1 || body->acks > 1) {
        refused[partition] = refusal(ErrorCode::kInvalidRequiredAcks, "acks must be -1, 0 or 1");
      } else if (body->transactional_id) {
        refused[partition] =
            refusal(ErrorCode::kInvalidTxnState, "this broker has no transaction coordinator");
      } else if (!data.records || data.records->empty()) {
        refused[partition] = refusal(ErrorCode::kInvalidRecord, "no records");
      } else if (!entries.emplace(partition, data.records->slice).second) {
        return close(context, request, "one partition twice: what would the answer mean?");
      }
    }
  }
  context.replicas.append_records(
      std::chrono::milliseconds(body->timeout_ms), body->acks, AppendOrigin::kClient, entries,
      [&context, request, body, refused = std::move(refused)](ProduceResults results) {
        results.insert(refused.begin(), refused.end());
        answer(context, request, *body, results);
      });
}

}  // namespace kafkascope

// Fetch: answers are ranges of segment files, sent from where they are.
#include <algorithm>

#include "common/logging.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "record/convert.h"
#include "runtime/metrics/metrics_registry.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

constexpr int16_t kTopicIdsSince = 13;
constexpr int16_t kFollowersSince = 11;  // may serve consumers

/// The highest message format that clients of this version read.
int8_t highest_magic(int16_t version) { return version >= 4 ? 2 : version >= 2 ? 1 : 0; }

/// Down-conversion for clients that came before the log's format: the only case in which records
/// are read.
Payload converted(ApiContext& context, const FetchPartitionRequest& request, Payload records,
                  int16_t version) {
  const int8_t magic = highest_magic(version);
  if (magic == 2 || records.empty()) return records;
  const auto partition = context.replicas.find_partition(request.partition);
  if (partition != nullptr) {
    const auto config = partition->log()->config();
    if (config->message_format > magic && !config->message_down_conversion_enable) {
      throw KafkaException(ErrorCode::kUnsupportedVersion,
                           "message.downconversion.enable is false");
    }
  }
  return SharedSlice::of(convert(MemoryRecords(records.to_slice()), magic, request.fetch_offset));
}

std::vector<CachedPartition> asked_for(const FetchRequest& body, const ClusterMetadata& metadata,
                                       int16_t version) {
  std::vector<CachedPartition> partitions;
  for (const auto& topic : body.topics) {
    std::string name = topic.topic;
    if (version >= kTopicIdsSince) {
      const TopicMetadata* found = metadata.find_topic(topic.topic_id);
      name = found == nullptr ? std::string() : found->name;
    }
    for (const auto& partition : topic.partitions) {
      FetchPartitionRequest one{{name, partition.partition},   partition.fetch_offset,
                                partition.partition_max_bytes, partition.current_leader_epoch,
                                partition.last_fetched_epoch,  partition.log_start_offset};
      partitions.push_back({std::move(one), topic.topic_id});
    }
  }
  return partitions;
}

std::vector<TopicPartition> forgotten(const FetchRequest& body, const ClusterMetadata& metadata,
                                      int16_t version) {
  std::vector<TopicPartition> partitions;
  for (const auto& topic : body.forgotten_topics_data) {
    const TopicMetadata* found =
        version >= kTopicIdsSince ? metadata.find_topic(topic.topic_id) : nullptr;
    for (int32_t index : topic.partitions)
      partitions.push_back(
          found == nullptr && version >= kTopicIdsSince
              ? FetchManager::unnamed(topic.topic_id, index)
              : TopicPartition{found == nullptr ? topic.topic : found->name, index});
  }
  return partitions;
}

FetchResponse::PartitionData to_response(ApiContext& context, const FetchPartitionRequest& request,
                                         FetchPartitionResult& result, int16_t version) {
  FetchResponse::PartitionData out{.partition_index = request.partition.partition,
                                   .error_code = to_wire(result.error),
                                   .high_watermark = result.high_watermark,
                                   .last_stable_offset = result.last_stable_offset,
                                   .log_start_offset = result.log_start_offset};
  out.aborted_transactions.reset();
  if (result.data.aborted_transactions) {
    out.aborted_transactions.emplace();
    for (const auto& aborted : *result.data.aborted_transactions) {
      out.aborted_transactions->push_back({aborted.producer_id, aborted.first_offset});
    }
  }
  if (result.preferred_read_replica) out.preferred_read_replica = *result.preferred_read_replica;
  if (result.diverging_epoch)
    out.diverging_epoch = {result.diverging_epoch->first, result.diverging_epoch->second};
  try {
    out.records = converted(context, request, std::move(result.data.records), version);
  } catch (const KafkaException& e) {
    out.error_code = to_wire(e.code());
  }
  return out;
}

void answer(ApiContext& context, const RequestPtr& request, const FetchContext& fetch,
            FetchResults results) {
  FetchResponse response{.session_id = fetch.session_id};
  const std::vector<bool> selected = context.fetch_sessions.select(fetch, results);
  for (size_t i = 0; i < results.size(); ++i) {
    if (!selected[i]) continue;
    auto& [asked, result] = results[i];
    const Uuid& topic_id = fetch.partitions[i].topic_id;
    // An id that no topic has leaves the name empty.
    if (request->version() >= kTopicIdsSince && asked.partition.topic.empty()) {
      result.error = ErrorCode::kUnknownTopicId;
    }
    const bool same = !response.responses.empty() &&
                      response.responses.back().topic == asked.partition.topic &&
                      response.responses.back().topic_id == topic_id;
    if (!same) response.responses.push_back({asked.partition.topic, topic_id, {}});
    const auto bytes = static_cast<int64_t>(result.data.records.size());
    if (bytes > 0) {
      context.metrics
          .meter({"kafka.server",
                  "BrokerTopicMetrics",
                  "BytesOutPerSec",
                  {{"topic", asked.partition.topic}}})
          .mark(bytes);
    }
    response.responses.back().partitions.push_back(
        to_response(context, asked, result, request->version()));
  }
  respond(context, request, response);
}

FetchParams params_of(const ApiContext& context, const Request& request, const FetchRequest& body) {
  const bool has_state = request.version() >= 15;
  FetchParams params{.max_wait = std::chrono::milliseconds(std::max(0, body.max_wait_ms)),
                     .min_bytes = body.min_bytes,
                     .max_bytes = std::min(body.max_bytes, context.config.fetch_max_bytes)};
  params.replica_id = has_state ? body.replica_state.replica_id : body.replica_id;
  params.replica_epoch = has_state ? body.replica_state.replica_epoch : kNoBrokerEpoch;
  if (params.is_from_follower()) {
    params.isolation = FetchIsolation::kLogEnd;
    params.max_bytes = body.max_bytes;
  } else {
    if (body.isolation_level == 1) params.isolation = FetchIsolation::kTxnCommitted;
    if (request.version() >= kFollowersSince)
      params.client = ClientMetadata{body.rack_id, request.listener_name};
  }
  return params;
}

}  // namespace

void handle_fetch(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<FetchRequest>(*request);
  const FetchParams params = params_of(context, *request, body);
  if (params.is_from_follower() && context.cluster == nullptr) {
    // Only brokers may fetch as replicas: anyone else could fake its place in the ISR
    // (CVE-2018-1288). This one has no others.
    return respond(context, request,
                   FetchResponse{.error_code = to_wire(ErrorCode::kClusterAuthorizationFailed)});
  }
  const auto metadata = context.metadata.current();
  const bool sessions = request->version() >= 7;
  auto fetch = std::make_shared<const FetchContext>(context.fetch_sessions.new_context(
      sessions ? body.session_id : kSessionless, sessions ? body.session_epoch : kFinalFetchEpoch,
      asked_for(body, *metadata, request->version()),
      forgotten(body, *metadata, request->version()), [&](const Uuid& id) {
        const TopicMetadata* const found = metadata->find_topic(id);
        return found == nullptr ? std::string() : found->name;
      }));
  if (fetch->error != ErrorCode::kNone) {
    return respond(context, request, FetchResponse{.error_code = to_wire(fetch->error)});
  }
  std::vector<FetchPartitionRequest> partitions;
  for (const CachedPartition& partition : fetch->partitions)
    partitions.push_back(partition.request);
  context.replicas.fetch_messages(params, std::move(partitions),
                                  [&context, request, fetch](FetchResults results) {
                                    answer(context, request, *fetch, std::move(results));
                                  });
}

}  // namespace kafkascope

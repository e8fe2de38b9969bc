#include "clients/consumer/offset_fetcher.h"

#include <fmt/core.h>

#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"

namespace kafkascope {
namespace {

constexpr int16_t kFirstValidatingVersion = 3;
constexpr int32_t kConsumerReplicaId = -1;

std::unique_ptr<RequestBody> validation_request(
    const std::map<TopicPartition, FetchPosition>& positions) {
  protocol::OffsetForLeaderEpochRequest request;
  request.replica_id = kConsumerReplicaId;
  for (const auto& [tp, position] : positions) {
    if (request.topics.empty() || request.topics.back().topic != tp.topic)
      request.topics.emplace_back().topic = tp.topic;
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition = tp.partition;
    partition.current_leader_epoch = position.leader_epoch;
    partition.leader_epoch = position.offset_epoch;
  }
  return make_request(std::move(request), {}, kFirstValidatingVersion);
}

}  // namespace

OffsetFetcher::OffsetFetcher(Node& node, const ConsumerConfig& config,
                             ConsumerNetworkClient& client, ConsumerMetadata& metadata,
                             SubscriptionState& subscriptions)
    : node_(node),
      config_(config),
      client_(client),
      metadata_(metadata),
      subscriptions_(subscriptions) {}

void OffsetFetcher::remember(Error error) {
  if (!remembered_.has_value()) remembered_ = std::move(error);
}

void OffsetFetcher::throw_remembered() {
  if (!remembered_.has_value()) return;
  const Error error = *std::exchange(remembered_, std::nullopt);
  throw KafkaException(error.code, error.message);
}

void OffsetFetcher::retry_later(const std::vector<TopicPartition>& partitions) {
  subscriptions_.set_next_allowed_retry(partitions,
                                        node_.clock().monotonic() + config_.retry_backoff);
  (void)metadata_.request_update();
}

void OffsetFetcher::reset_positions_if_needed() {
  throw_remembered();
  const Instant now = node_.clock().monotonic();
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  std::map<BrokerId, std::map<TopicPartition, OffsetResetStrategy>> by_leader;
  bool leader_unknown = false;
  for (const auto& [tp, strategy] : subscriptions_.partitions_needing_reset(now)) {
    if (strategy == OffsetResetStrategy::kNone) {
      throw KafkaException(ErrorCode::kOffsetOutOfRange,
                           tp.to_string() + " needs a reset, but auto.offset.reset is none");
    }
    const BrokerNode* leader = cluster->leader_of(tp);
    if (leader == nullptr || client_.is_unavailable(leader->id))
      leader_unknown = true;
    else
      by_leader[leader->id].emplace(tp, strategy);
  }
  if (leader_unknown) (void)metadata_.request_update();
  for (const auto& [id, resets] : by_leader) send_reset(*cluster->broker(id), resets, now);
}

void OffsetFetcher::send_reset(const BrokerNode& leader,
                               const std::map<TopicPartition, OffsetResetStrategy>& resets,
                               Instant now) {
  std::map<TopicPartition, ListOffsetsQuery> queries;
  std::vector<TopicPartition> partitions;
  for (const auto& [tp, strategy] : resets) {
    queries[tp] = {
        strategy == OffsetResetStrategy::kEarliest ? kEarliestTimestamp : kLatestTimestamp,
        metadata_.last_seen_leader_epoch(tp).value_or(kNoLeaderEpoch)};
    partitions.push_back(tp);
  }
  // Until the answer comes, or its time is over, not again.
  subscriptions_.set_next_allowed_retry(partitions, now + config_.request_timeout);
  client_.send(leader, list_offsets_request(queries, config_.isolation_level))
      .add_listener([this, resets, partitions](const Result<ClientResponse>& response) {
        const Result<Outcomes> outcomes =
            response ? list_offsets_outcomes(*response) : Result<Outcomes>(response.error());
        if (!outcomes) return retry_later(partitions);
        for (const auto& [tp, strategy] : resets) {
          const auto found = outcomes->find(tp);
          if (found == outcomes->end())
            retry_later({tp});
          else
            finish_reset(tp, strategy, found->second);
        }
      });
}

void OffsetFetcher::finish_reset(const TopicPartition& tp, OffsetResetStrategy strategy,
                                 const ListOffsetsOutcome& outcome) {
  if (outcome.error == ErrorCode::kNone) {
    metadata_.update_last_seen_epoch_if_newer(tp, outcome.leader_epoch);
    const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
    const PartitionInfo* info = cluster->partition(tp);
    FetchPosition position{outcome.offset, outcome.leader_epoch};
    if (info != nullptr) position.leader = info->leader, position.leader_epoch = info->leader_epoch;
    (void)subscriptions_.complete_reset(tp, strategy, position);
  } else if (is_retriable(outcome.error)) {
    retry_later({tp});
  } else {
    remember({outcome.error,
              fmt::format("no position for {}: {}", tp.to_string(), error_name(outcome.error))});
  }
}

void OffsetFetcher::note_new_leaders() {
  const int64_t version = metadata_.update_version();
  if (version == validated_version_) return;
  validated_version_ = version;
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  for (const TopicPartition& tp : subscriptions_.assigned_partitions()) {
    const PartitionInfo* info = cluster->partition(tp);
    if (info == nullptr || info->leader < 0) continue;
    const NodeApiVersions* versions = client_.network().api_versions(info->leader);
    const bool can_validate =
        versions == nullptr ||
        versions->supports(protocol::ApiKey::kOffsetForLeaderEpoch, kFirstValidatingVersion);
    (void)subscriptions_.maybe_validate_position(tp, info->leader, info->leader_epoch,
                                                 can_validate);
  }
}

void OffsetFetcher::validate_positions_if_needed() {
  throw_remembered();
  note_new_leaders();
  const Instant now = node_.clock().monotonic();
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  std::map<BrokerId, std::map<TopicPartition, FetchPosition>> by_leader;
  for (const auto& [tp, position] : subscriptions_.partitions_needing_validation(now)) {
    const BrokerNode* leader = cluster->broker(position.leader);
    if (leader == nullptr)
      (void)metadata_.request_update();
    else
      by_leader[leader->id].emplace(tp, position);
  }
  for (const auto& [id, positions] : by_leader)
    send_validation(*cluster->broker(id), positions, now);
}

void OffsetFetcher::send_validation(const BrokerNode& leader,
                                    const std::map<TopicPartition, FetchPosition>& positions,
                                    Instant now) {
  std::vector<TopicPartition> partitions;
  for (const auto& [tp, position] : positions) partitions.push_back(tp);
  subscriptions_.set_next_allowed_retry(partitions, now + config_.request_timeout);
  client_.send(leader, validation_request(positions))
      .add_listener([this, positions, partitions](const Result<ClientResponse>& response) {
        if (response) return finish_validation(positions, *response);
        if (response.code() != ErrorCode::kUnsupportedVersion) return retry_later(partitions);
        // The broker cannot tell: go on as before there was validation.
        for (const auto& [tp, position] : positions) subscriptions_.seek_validated(tp, position);
      });
}

void OffsetFetcher::finish_validation(const std::map<TopicPartition, FetchPosition>& positions,
                                      const ClientResponse& response) {
  const auto decoded = response.decode<protocol::OffsetForLeaderEpochResponse>();
  if (!decoded) {
    for (const auto& [tp, position] : positions) retry_later({tp});
    return;
  }
  for (const auto& topic : decoded->topics) {
    for (const auto& partition : topic.partitions) {
      const TopicPartition tp{topic.topic, partition.partition};
      const auto asked = positions.find(tp);
      if (asked == positions.end()) continue;
      const ErrorCode error = error_code_from_wire(partition.error_code);
      if (error != ErrorCode::kNone) {
        if (is_retriable(error))
          retry_later({tp});
        else
          remember({error, fmt::format("the position of {} cannot be validated: {}", tp.to_string(),
                                       error_name(error))});
        continue;
      }
      const std::optional<LogTruncation> truncation = subscriptions_.complete_validation(
          tp, asked->second, partition.leader_epoch, partition.end_offset);
      if (truncation.has_value()) {
        remember({ErrorCode::kOffsetOutOfRange,
                  fmt::format(
                      "log truncation: {} was read up to {}, but its new leader's log ends at {}",
                      tp.to_string(), truncation->position.offset, partition.end_offset)});
      }
    }
  }
}

std::map<TopicPartition, ListOffsetsOutcome> OffsetFetcher::fetch_offsets(
    const std::map<TopicPartition, TimestampMs>& timestamps, Instant deadline) {
  std::set<std::string> topics;
  for (const auto& [tp, timestamp] : timestamps) topics.insert(tp.topic);
  metadata_.add_transient_topics(topics);
  std::map<TopicPartition, TimestampMs> remaining = timestamps;
  Outcomes found;
  while (!remaining.empty()) {
    if (!fetch_round(remaining, found, deadline)) throw_timed_out(remaining);
    if (remaining.empty()) break;
    if (node_.clock().monotonic() >= deadline || !client_.await_metadata_update(deadline))
      throw_timed_out(remaining);
  }
  metadata_.clear_transient_topics();
  return found;
}

// One request to each leader that is known. Takes what was answered out of `remaining`.
bool OffsetFetcher::fetch_round(std::map<TopicPartition, TimestampMs>& remaining, Outcomes& found,
                                Instant deadline) {
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  std::map<BrokerId, std::map<TopicPartition, ListOffsetsQuery>> by_leader;
  for (const auto& [tp, timestamp] : remaining) {
    if (const BrokerNode* leader = cluster->leader_of(tp); leader != nullptr) {
      by_leader[leader->id][tp] = {timestamp,
                                   metadata_.last_seen_leader_epoch(tp).value_or(kNoLeaderEpoch)};
    }
  }
  std::vector<RequestFuture<ClientResponse>> futures;
  for (const auto& [id, queries] : by_leader) {
    futures.push_back(
        client_.send(*cluster->broker(id), list_offsets_request(queries, config_.isolation_level)));
  }
  for (const RequestFuture<ClientResponse>& future : futures) {
    if (!client_.poll(future, deadline)) return false;
    if (!future.result() && future.result().code() == ErrorCode::kUnsupportedVersion) {
      throw KafkaException(ErrorCode::kUnsupportedVersion, future.result().error().message);
    }
    const Result<Outcomes> outcomes = future.result() ? list_offsets_outcomes(*future.result())
                                                      : Result<Outcomes>(future.result().error());
    if (!outcomes) continue;
    for (const auto& [tp, outcome] : *outcomes) {
      if (outcome.error != ErrorCode::kNone && !is_retriable(outcome.error)) {
        throw KafkaException(outcome.error, fmt::format("offsets of {}: {}", tp.to_string(),
                                                        error_name(outcome.error)));
      }
      if (outcome.error == ErrorCode::kNone && remaining.erase(tp) > 0) found[tp] = outcome;
    }
  }
  return true;
}

void OffsetFetcher::throw_timed_out(const std::map<TopicPartition, TimestampMs>& remaining) const {
  const std::string why = client_.network().report().explain();
  throw KafkaException(
      ErrorCode::kRequestTimedOut,
      fmt::format("no offsets of {} in time{}{}", remaining.begin()->first.to_string(),
                  why.empty() ? "" : ": ", why));
}

}  // namespace kafkascope

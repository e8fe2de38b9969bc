#include "clients/consumer/fetcher.h"

#include <fmt/core.h>

#include <algorithm>

#include "clients/consumer/fetch_session_request.h"
#include "common/logging.h"

namespace kafkascope {
namespace {

constexpr int16_t kLastVersionWithNames = 12;
constexpr int16_t kFirstVersionWithIsolation = 4;
constexpr int16_t kFirstVersionWithSessions = 7;
constexpr int kMaxBufferedFetches = 2;  // of one partition: the one being read and the one after it

}  // namespace

Fetcher::Fetcher(Node& node, const ConsumerConfig& config, ConsumerNetworkClient& client,
                 ConsumerMetadata& metadata, SubscriptionState& subscriptions,
                 MetricsRegistry& metrics)
    : node_(node),
      config_(config),
      client_(client),
      metadata_(metadata),
      subscriptions_(subscriptions),
      metrics_(metrics, config.client_id) {}

const CompletedFetch* Fetcher::buffered(const TopicPartition& tp, int& count) const {
  const CompletedFetch* last = nullptr;
  count = 0;
  for (const auto& fetch : buffer_) {
    if (fetch->topic_partition() != tp || fetch->is_consumed()) continue;
    last = fetch.get();
    ++count;
  }
  return last;
}

const BrokerNode* Fetcher::choose_broker(const TopicPartition& tp, const Cluster& cluster,
                                         Instant now) {
  if (const std::optional<BrokerId> preferred = subscriptions_.preferred_read_replica(tp, now);
      preferred.has_value()) {
    const BrokerNode* replica = cluster.broker(*preferred);
    if (replica != nullptr && !client_.is_unavailable(*preferred)) return replica;
    subscriptions_.clear_preferred_read_replica(tp);
  }
  return cluster.leader_of(tp);
}

std::map<BrokerId, FetchPartitions> Fetcher::prepare() {
  const Instant now = node_.clock().monotonic();
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  std::map<BrokerId, FetchPartitions> by_broker;
  std::set<BrokerId> left_out, has_more;  // brokers with a partition that waits, that is behind
  for (const auto& [tp, position] : subscriptions_.fetchable_partitions()) {
    int count = 0;
    const CompletedFetch* ahead = buffered(tp, count);
    if (ahead != nullptr && ahead->error() != ErrorCode::kNone) continue;
    const BrokerNode* broker = choose_broker(tp, *cluster, now);
    if (broker == nullptr) {
      (void)metadata_.request_update();
      continue;
    }
    if (client_.is_unavailable(broker->id) || pending_.contains(broker->id)) continue;
    if (count >= kMaxBufferedFetches) {
      left_out.insert(broker->id);
      continue;
    }
    const TopicInfo* topic = cluster->topic(tp.topic);
    FetchPartitionData data;
    data.topic_id = topic == nullptr ? Uuid{} : topic->id;
    data.fetch_offset = ahead == nullptr ? position.offset : ahead->end_offset();
    data.max_bytes = config_.max_partition_fetch_bytes;
    data.current_leader_epoch = position.leader_epoch;
    const std::optional<int64_t> lag = subscriptions_.lag(tp, config_.isolation_level);
    if (!lag.has_value() || data.fetch_offset < position.offset + *lag) has_more.insert(broker->id);
    by_broker[broker->id].emplace(tp, data);
  }
  // A fetch of nothing but ends would wait at the broker for fetch.max.wait.ms, and whoever was
  // left out, read meanwhile, would wait behind it.
  std::erase_if(by_broker, [&](const auto& fetch) {
    return left_out.contains(fetch.first) && !has_more.contains(fetch.first);
  });
  return by_broker;
}

int Fetcher::send_fetches() {
  int sent = 0;
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  for (auto& [id, partitions] : prepare()) {
    const BrokerNode* broker = cluster->broker(id);
    if (broker == nullptr) continue;
    FetchSessionHandler& handler = sessions_.try_emplace(id, id).first->second;
    AskedRequest asked{id, handler.build(std::move(partitions))};
    KS_TRACE(node_, "FetchSent", {"broker", int64_t{id}},
             {"partitions", static_cast<int64_t>(asked.session.session_partitions.size())},
             {"session_epoch", int64_t{asked.session.session_epoch}});
    pending_.insert(id);
    std::unique_ptr<RequestBody> body = request_for(asked.session);
    client_.send(*broker, std::move(body))
        .add_listener([this, asked = std::move(asked)](const Result<ClientResponse>& response) {
          pending_.erase(asked.broker);
          handle_response(asked, response);
        });
    ++sent;
  }
  return sent;
}

std::unique_ptr<RequestBody> Fetcher::request_for(const FetchSessionRequest& session) const {
  protocol::FetchRequest request;
  request.max_wait_ms = static_cast<int32_t>(config_.fetch_max_wait.count());
  request.min_bytes = config_.fetch_min_bytes;
  request.max_bytes = config_.fetch_max_bytes;
  request.isolation_level = static_cast<int8_t>(config_.isolation_level);
  request.rack_id = config_.client_rack;
  put_session(request, session);
  const int16_t lowest =
      config_.isolation_level == IsolationLevel::kReadCommitted ? kFirstVersionWithIsolation : 2;
  const int16_t highest =
      session.uses_topic_ids ? protocol::FetchRequest::kHighestVersion : kLastVersionWithNames;
  return make_request(
      std::move(request),
      [](protocol::FetchRequest& message, int16_t version) {
        if (version < kFirstVersionWithSessions) message.forgotten_topics_data.clear();
      },
      lowest, highest);
}

void Fetcher::handle_failure(const AskedRequest& asked, const Error& error) {
  KS_LOG(kInfo, node_.name(), "fetch from broker {} failed: {}", asked.broker, error.message);
  if (const auto handler = sessions_.find(asked.broker); handler != sessions_.end())
    handler->second.handle_error();
  for (const auto& [tp, data] : asked.session.session_partitions)
    subscriptions_.clear_preferred_read_replica(tp);
  (void)metadata_.request_update();
}

void Fetcher::handle_response(const AskedRequest& asked, const Result<ClientResponse>& response) {
  if (!response) return handle_failure(asked, response.error());
  Result<protocol::FetchResponse> decoded = response->decode<protocol::FetchResponse>();
  if (!decoded) return handle_failure(asked, decoded.error());
  metrics_.fetch_latency.update(
      std::chrono::duration_cast<Milliseconds>(response->received - response->created).count());
  metrics_.fetch_size.update(static_cast<int64_t>(response->body.size()));
  metrics_.bytes_fetched.mark(static_cast<int64_t>(response->body.size()));
  client_.network().throttle(asked.broker, decoded->throttle_time_ms, node_.clock().monotonic());
  std::map<Uuid, std::string> names;
  for (const auto& [tp, data] : asked.session.session_partitions)
    names.emplace(data.topic_id, tp.topic);
  std::set<TopicPartition> partitions;
  for (auto& topic : decoded->responses) {
    if (topic.topic.empty()) {
      if (const auto name = names.find(topic.topic_id); name != names.end())
        topic.topic = name->second;
    }
    for (const auto& partition : topic.partitions)
      partitions.insert({topic.topic, partition.partition_index});
  }
  const ErrorCode error = error_code_from_wire(decoded->error_code);
  const auto handler = sessions_.find(asked.broker);
  if (handler == sessions_.end()) return;
  if (response->version >= kFirstVersionWithSessions) {
    if (!handler->second.handle_response(error, decoded->session_id, partitions)) {
      KS_LOG(kInfo, node_.name(), "fetch session with broker {} starts anew: {}", asked.broker,
             error_name(error));
      if (is_invalid_metadata(error)) (void)metadata_.request_update();
      return;
    }
  } else {
    handler->second.handle_error();  // no sessions there: every request is a full one
  }
  KS_TRACE(node_, "FetchCompleted", {"broker", int64_t{asked.broker}},
           {"partitions", static_cast<int64_t>(partitions.size())});
  buffer_partitions(asked, *decoded);
}

void Fetcher::buffer_partitions(const AskedRequest& asked, protocol::FetchResponse& response) {
  for (auto& topic : response.responses) {
    for (auto& partition : topic.partitions) {
      const TopicPartition tp{topic.topic, partition.partition_index};
      const auto data = asked.session.session_partitions.find(tp);
      if (data == asked.session.session_partitions.end()) continue;
      subscriptions_.update_offsets(tp, partition.high_watermark, partition.last_stable_offset,
                                    partition.log_start_offset);
      if (partition.preferred_read_replica >= 0) {
        subscriptions_.set_preferred_read_replica(
            tp, partition.preferred_read_replica,
            node_.clock().monotonic() + config_.metadata_max_age);
      }
      const bool empty = !partition.records.has_value() || partition.records->empty();
      if (partition.error_code == 0 && empty) continue;
      buffer_.push_back(std::make_unique<CompletedFetch>(tp, data->second.fetch_offset,
                                                         std::move(partition), config_));
    }
  }
}

// May this fetch be read now? Stale ones are drained, errors handled (or thrown).
bool Fetcher::admit(CompletedFetch& fetch) {
  const std::optional<FetchPosition> position = subscriptions_.position(fetch.topic_partition());
  if (!position.has_value() || !subscriptions_.is_fetchable(fetch.topic_partition()) ||
      position->offset != fetch.next_offset()) {
    return false;
  }
  if (fetch.error() == ErrorCode::kNone) return true;
  handle_error(fetch);
  return false;
}

void Fetcher::handle_error(const CompletedFetch& fetch) {
  const TopicPartition& tp = fetch.topic_partition();
  const ErrorCode error = fetch.error();
  if (error == ErrorCode::kOffsetOutOfRange) {
    if (subscriptions_.preferred_read_replica(tp, node_.clock().monotonic()).has_value()) {
      return subscriptions_.clear_preferred_read_replica(tp);  // the follower lags: ask the leader
    }
    if (subscriptions_.has_default_reset_strategy()) {
      KS_LOG(kInfo, node_.name(), "{}: offset {} is out of range, resetting", tp.to_string(),
             fetch.fetch_offset());
      return subscriptions_.request_offset_reset(tp);
    }
    throw KafkaException(
        error, fmt::format("offset {} of {} is out of range, and auto.offset.reset is none: seek()",
                           fetch.fetch_offset(), tp.to_string()));
  }
  if (is_retriable(error)) {
    (void)metadata_.request_update();
    return;
  }
  if (error == ErrorCode::kUnknownServerError) {
    KS_LOG(kWarn, node_.name(), "fetch of {} at {}: the broker reports an unknown error",
           tp.to_string(), fetch.fetch_offset());
    return;
  }
  throw KafkaException(error, fmt::format("fetch of {} at offset {}: {}", tp.to_string(),
                                          fetch.fetch_offset(), error_name(error)));
}

ConsumerRecords Fetcher::collect(int32_t max) {
  ConsumerRecords records;
  int32_t left = max;
  std::deque<std::unique_ptr<CompletedFetch>> paused;
  while (left > 0 && !buffer_.empty()) {
    CompletedFetch& fetch = *buffer_.front();
    if (fetch.is_consumed()) {
      buffer_.pop_front();
      continue;
    }
    if (subscriptions_.is_paused(fetch.topic_partition())) {  // kept for when it is resumed
      paused.push_back(std::move(buffer_.front()));
      buffer_.pop_front();
      continue;
    }
    // An error waits until what came before it has been returned.
    if (fetch.error() != ErrorCode::kNone && !records.empty()) break;
    if (!admit(fetch)) {
      buffer_.pop_front();
      continue;
    }
    const size_t before = records.count();
    if (!take_from(fetch, left, records)) break;
    left -= static_cast<int32_t>(records.count() - before);
  }
  for (auto fetch = paused.rbegin(); fetch != paused.rend(); ++fetch)
    buffer_.push_front(std::move(*fetch));
  return records;
}

// False: the rest is corrupt, which the next call will tell, when nothing stands before it.
bool Fetcher::take_from(CompletedFetch& fetch, int32_t max, ConsumerRecords& into) {
  const TopicPartition& tp = fetch.topic_partition();
  const FetchPosition position = *subscriptions_.position(tp);
  PartitionRecords part;
  part.topic_partition = tp;
  try {
    fetch.take(max, part);
  } catch (const KafkaException&) {
    if (into.empty()) throw;
    return false;
  }
  metrics_.records_consumed.mark(static_cast<int64_t>(part.records.size()));
  part.next_offset = fetch.next_offset();
  part.high_watermark = fetch.data().high_watermark;
  FetchPosition next = position;
  next.offset = fetch.next_offset();
  if (fetch.last_epoch() != kNoLeaderEpoch) next.offset_epoch = fetch.last_epoch();
  if (next.offset > position.offset) (void)subscriptions_.advance(tp, position.offset, next);
  if (!part.records.empty()) into.partitions.push_back(std::move(part));
  return true;
}

void Fetcher::retain_only(const std::set<TopicPartition>& partitions) {
  std::erase_if(buffer_,
                [&](const auto& fetch) { return !partitions.contains(fetch->topic_partition()); });
}

std::vector<RequestFuture<ClientResponse>> Fetcher::close_sessions() {
  std::vector<RequestFuture<ClientResponse>> futures;
  const std::shared_ptr<const Cluster> cluster = metadata_.fetch();
  for (auto& [id, handler] : sessions_) {
    const BrokerNode* broker = cluster->broker(id);
    if (broker == nullptr || handler.session_id() == kInvalidSessionId ||
        client_.is_unavailable(id))
      continue;
    if (pending_.contains(id)) continue;
    futures.push_back(client_.send(*broker, request_for(handler.close())));
  }
  return futures;
}

void Fetcher::describe(ConsumerDescription& into) const {
  for (const auto& fetch : buffer_) into.fetch_buffer.push_back(fetch->describe());
  for (const auto& [id, handler] : sessions_) {
    FetchSessionDescription session = handler.describe();
    session.fetch_pending = pending_.contains(id);
    into.sessions.push_back(std::move(session));
  }
}

}  // namespace kafkascope

#include "clients/consumer/kafka_consumer.h"

#include <fmt/core.h>

#include <atomic>

#include "clients/consumer/consumer_interceptor.h"
#include "clients/consumer/consumer_metadata.h"
#include "clients/consumer/fetcher.h"
#include "clients/consumer/offset_fetcher.h"
#include "clients/metadata_response.h"
#include "clients/wakeup_exception.h"
#include "common/logging.h"
#include "protocol/messages/metadata_request.h"

namespace kafkascope {
namespace {

constexpr int32_t kMaxInFlight = 100;

}  // namespace

struct KafkaConsumer::Parts {
  Parts(Node& node, ConsumerConfig config);

  Instant deadline_or_default(std::optional<Instant> deadline) const {
    return deadline.value_or(deadline_after(node.clock().monotonic(), config.default_api_timeout));
  }
  void assign_subscribed(const Cluster& cluster);
  void check_topics();
  void update_positions();
  ConsumerRecords poll_for_fetches(Instant deadline, int32_t max_records);
  Offsets offsets_at(const std::vector<TopicPartition>& partitions, TimestampMs timestamp,
                     Instant deadline);
  Cluster fetch_topics(std::optional<std::string> topic, Instant deadline);
  [[noreturn]] void throw_timed_out(const std::string& what) const;
  ConsumerRecords intercept(ConsumerRecords records);

  Node& node;
  const ConsumerConfig config;
  MetricsRegistry metrics;
  SubscriptionState subscriptions;
  ConsumerMetadata metadata;
  ConsumerNetworkClient client;
  OffsetFetcher offsets;
  Fetcher fetcher;
  int64_t checked_version = -1;
  std::atomic<bool> in_use{false};
  std::atomic<bool> closed{false};
};

/// One thread at a time: the second one is told so instead of corrupting the first one's work.
class KafkaConsumer::Use {
 public:
  explicit Use(Parts& parts) : parts_(parts) {
    if (parts_.closed) throw KafkaException(ErrorCode::kInvalidRequest, "the consumer is closed");
    if (parts_.in_use.exchange(true)) {
      throw KafkaException(
          ErrorCode::kInvalidRequest,
          "a KafkaConsumer is for one thread at a time; only wakeup() may come from others");
    }
  }
  ~Use() { parts_.in_use = false; }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  Parts& parts_;
};

KafkaConsumer::Parts::Parts(Node& the_node, ConsumerConfig the_config)
    : node(the_node),
      config(std::move(the_config)),
      metrics(node),
      subscriptions(node, config.auto_offset_reset),
      metadata(node, config, subscriptions),
      client(node, config, metadata, kMaxInFlight),
      offsets(node, config, client, metadata, subscriptions),
      fetcher(node, config, client, metadata, subscriptions, metrics) {
  metadata.bootstrap(config.bootstrap_servers);
  metadata.set_listener([this](const Cluster& cluster) { assign_subscribed(cluster); });
}

KafkaConsumer::KafkaConsumer(Node& node, ConsumerConfig config) {
  if (config.client_id.empty()) config.client_id = "consumer-1";
  parts_ = std::make_unique<Parts>(node, std::move(config));
}

KafkaConsumer::~KafkaConsumer() = default;

// Without a group, a subscription means every partition of its topics.
void KafkaConsumer::Parts::assign_subscribed(const Cluster& cluster) {
  if (subscriptions.type() != SubscriptionState::Type::kTopics) return;
  std::set<TopicPartition> partitions;
  for (const std::string& topic : subscriptions.subscription()) {
    for (const PartitionInfo& partition : cluster.partitions_for(topic))
      partitions.insert({topic, partition.partition});
  }
  if (partitions != subscriptions.assigned_partitions())
    subscriptions.assign_from_subscribed(partitions);
}

void KafkaConsumer::bootstrap(Duration timeout) {
  Use use(*parts_);
  const Instant deadline = deadline_after(parts_->node.clock().monotonic(), timeout);
  while (!connections().reached_cluster() && parts_->node.clock().monotonic() < deadline) {
    parts_->client.poll(deadline, [this] { return connections().reached_cluster(); });
  }
  if (connections().reached_cluster()) return;
  throw KafkaException(ErrorCode::kBrokerNotAvailable, connections().explain_or_waiting());
}

void KafkaConsumer::assign(const std::vector<TopicPartition>& partitions) {
  if (partitions.empty()) return unsubscribe();
  Use use(*parts_);
  const std::set<TopicPartition> assigned(partitions.begin(), partitions.end());
  parts_->subscriptions.assign_from_user(assigned);
  parts_->fetcher.retain_only(assigned);
  (void)parts_->metadata.request_update_for_new_topics();
  (void)parts_->metadata.request_update();
}

void KafkaConsumer::subscribe(const std::vector<std::string>& topics) {
  if (topics.empty()) return unsubscribe();
  Use use(*parts_);
  if (parts_->config.group_id.has_value()) {
    throw KafkaException(ErrorCode::kInvalidGroupId,
                         "subscribe() with group.id: consumer groups are not supported yet; use "
                         "assign(), or no group.id");
  }
  parts_->subscriptions.subscribe({topics.begin(), topics.end()});
  parts_->assign_subscribed(*parts_->metadata.fetch());
  (void)parts_->metadata.request_update_for_new_topics();
  (void)parts_->metadata.request_update();
}

void KafkaConsumer::unsubscribe() {
  Use use(*parts_);
  parts_->subscriptions.unsubscribe();
  parts_->fetcher.retain_only({});
}

std::set<TopicPartition> KafkaConsumer::assignment() const {
  return parts_->subscriptions.assigned_partitions();
}
std::set<std::string> KafkaConsumer::subscription() const {
  return parts_->subscriptions.subscription();
}

// What the metadata says of the topics in use that no waiting heals.
void KafkaConsumer::Parts::check_topics() {
  const int64_t version = metadata.update_version();
  if (version == checked_version) return;
  checked_version = version;
  const std::shared_ptr<const Cluster> cluster = metadata.fetch();
  for (const auto& [name, topic] : cluster->topics) {
    if (topic.error != ErrorCode::kNone && !is_retriable(topic.error)) {
      throw KafkaException(topic.error, fmt::format("topic {}: {}", name, error_name(topic.error)));
    }
  }
}

void KafkaConsumer::Parts::update_positions() {
  metadata.maybe_throw();
  check_topics();
  offsets.validate_positions_if_needed();
  if (subscriptions.has_all_fetch_positions()) return;
  subscriptions.reset_initializing_positions();
  offsets.reset_positions_if_needed();
}

ConsumerRecords KafkaConsumer::poll(Instant deadline) {
  return poll(deadline, parts_->config.max_poll_records);
}

ConsumerRecords KafkaConsumer::poll(Instant deadline, int32_t max_records) {
  Use use(*parts_);
  Parts& parts = *parts_;
  if (parts.subscriptions.type() == SubscriptionState::Type::kNone) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         "poll() before assign() or subscribe(): nothing to read");
  }
  do {
    parts.update_positions();
    ConsumerRecords records = parts.poll_for_fetches(deadline, max_records);
    if (records.empty()) continue;
    // The next fetch is on its way while the caller works on these records.
    if (parts.fetcher.send_fetches() > 0 || parts.client.has_pending())
      parts.client.poll_no_wakeup();
    return parts.intercept(std::move(records));
  } while (parts.node.clock().monotonic() < deadline);
  return {};
}

ConsumerRecords KafkaConsumer::Parts::poll_for_fetches(Instant deadline, int32_t max_records) {
  if (ConsumerRecords records = fetcher.collect(max_records); !records.empty()) return records;
  (void)fetcher.send_fetches();
  // Positions still to be found are looked at again soon; otherwise a fetch that completes ends the
  // wait.
  const Instant now = node.clock().monotonic();
  const bool positions_known =
      subscriptions.has_all_fetch_positions() && !subscriptions.assigned_partitions().empty();
  const Instant wait_until =
      positions_known ? deadline : std::min(deadline, now + config.retry_backoff);
  const int64_t version = metadata.update_version();
  client.poll(wait_until, [&] {
    return fetcher.has_completed_fetches() || metadata.update_version() != version;
  });
  return fetcher.collect(max_records);
}

ConsumerRecords KafkaConsumer::Parts::intercept(ConsumerRecords records) {
  for (const auto& interceptor : config.interceptors) {
    try {
      interceptor->on_consume(records);
    } catch (const std::exception& failure) {
      KS_LOG(kWarn, node.name(), "interceptor failed in on_consume: {}", failure.what());
    }
  }
  return records;
}

void KafkaConsumer::seek(const TopicPartition& tp, Offset offset, LeaderEpoch epoch) {
  Use use(*parts_);
  if (offset < 0) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         fmt::format("seek to {}: an offset is not negative", offset));
  }
  FetchPosition position{offset, epoch};
  const std::shared_ptr<const Cluster> cluster = parts_->metadata.fetch();
  if (const PartitionInfo* info = cluster->partition(tp); info != nullptr) {
    position.leader = info->leader;
    position.leader_epoch = info->leader_epoch;
  }
  parts_->subscriptions.seek(tp, position);
}

void KafkaConsumer::seek_to_beginning(const std::vector<TopicPartition>& partitions) {
  Use use(*parts_);
  const std::set<TopicPartition> all = assignment();
  for (const TopicPartition& tp :
       partitions.empty() ? std::vector<TopicPartition>(all.begin(), all.end()) : partitions) {
    parts_->subscriptions.request_offset_reset(tp, OffsetResetStrategy::kEarliest);
  }
}

void KafkaConsumer::seek_to_end(const std::vector<TopicPartition>& partitions) {
  Use use(*parts_);
  const std::set<TopicPartition> all = assignment();
  for (const TopicPartition& tp :
       partitions.empty() ? std::vector<TopicPartition>(all.begin(), all.end()) : partitions) {
    parts_->subscriptions.request_offset_reset(tp, OffsetResetStrategy::kLatest);
  }
}

void KafkaConsumer::Parts::throw_timed_out(const std::string& what) const {
  const std::string why = client.network().report().explain();
  throw KafkaException(ErrorCode::kRequestTimedOut,
                       fmt::format("{} in time{}{}", what, why.empty() ? "" : ": ", why));
}

Offset KafkaConsumer::position(const TopicPartition& tp, std::optional<Instant> deadline) {
  Use use(*parts_);
  if (!parts_->subscriptions.is_assigned(tp)) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         tp.to_string() + " is not assigned to this consumer");
  }
  const Instant until = parts_->deadline_or_default(deadline);
  for (;;) {
    if (const auto position = parts_->subscriptions.position(tp); position.has_value())
      return position->offset;
    if (parts_->node.clock().monotonic() >= until)
      parts_->throw_timed_out("no position of " + tp.to_string());
    parts_->update_positions();
    const Instant soon =
        deadline_after(parts_->node.clock().monotonic(), parts_->config.retry_backoff);
    parts_->client.poll(std::min(until, soon),
                        [&] { return parts_->subscriptions.position(tp).has_value(); });
  }
}

void KafkaConsumer::pause(const std::vector<TopicPartition>& partitions) {
  Use use(*parts_);
  for (const TopicPartition& tp : partitions) parts_->subscriptions.pause(tp);
}

void KafkaConsumer::resume(const std::vector<TopicPartition>& partitions) {
  Use use(*parts_);
  for (const TopicPartition& tp : partitions) parts_->subscriptions.resume(tp);
}

std::set<TopicPartition> KafkaConsumer::paused() const {
  return parts_->subscriptions.paused_partitions();
}

KafkaConsumer::Offsets KafkaConsumer::Parts::offsets_at(
    const std::vector<TopicPartition>& partitions, TimestampMs timestamp, Instant deadline) {
  std::map<TopicPartition, TimestampMs> timestamps;
  for (const TopicPartition& tp : partitions) timestamps[tp] = timestamp;
  Offsets found;
  for (const auto& [tp, outcome] : offsets.fetch_offsets(timestamps, deadline))
    found[tp] = outcome.offset;
  return found;
}

KafkaConsumer::Offsets KafkaConsumer::beginning_offsets(
    const std::vector<TopicPartition>& partitions, std::optional<Instant> deadline) {
  Use use(*parts_);
  return parts_->offsets_at(partitions, kEarliestTimestamp, parts_->deadline_or_default(deadline));
}

KafkaConsumer::Offsets KafkaConsumer::end_offsets(const std::vector<TopicPartition>& partitions,
                                                  std::optional<Instant> deadline) {
  Use use(*parts_);
  return parts_->offsets_at(partitions, kLatestTimestamp, parts_->deadline_or_default(deadline));
}

std::map<TopicPartition, std::optional<OffsetAndTimestamp>> KafkaConsumer::offsets_for_times(
    const std::map<TopicPartition, TimestampMs>& timestamps, std::optional<Instant> deadline) {
  Use use(*parts_);
  for (const auto& [tp, timestamp] : timestamps) {
    if (timestamp >= 0) continue;
    throw KafkaException(ErrorCode::kInvalidTimestamp,
                         fmt::format("{}: a timestamp is milliseconds since 1970, not {}",
                                     tp.to_string(), timestamp));
  }
  std::map<TopicPartition, std::optional<OffsetAndTimestamp>> found;
  for (const auto& [tp, outcome] :
       parts_->offsets.fetch_offsets(timestamps, parts_->deadline_or_default(deadline))) {
    found[tp] = outcome.offset < 0 ? std::nullopt
                                   : std::optional(OffsetAndTimestamp{
                                         outcome.offset, outcome.timestamp, outcome.leader_epoch});
  }
  return found;
}

std::optional<int64_t> KafkaConsumer::current_lag(const TopicPartition& tp) const {
  return parts_->subscriptions.lag(tp, parts_->config.isolation_level);
}

std::optional<Offset> KafkaConsumer::highwater(const TopicPartition& tp) const {
  return parts_->subscriptions.high_watermark(tp);
}

// One topic, or all of them.
Cluster KafkaConsumer::Parts::fetch_topics(std::optional<std::string> topic, Instant deadline) {
  while (node.clock().monotonic() < deadline) {
    protocol::MetadataRequest request;
    if (topic.has_value())
      request.topics->emplace_back().name = *topic;
    else
      request.topics.reset();
    const bool auto_create = config.allow_auto_create_topics;
    const auto future = client.send_to_any(make_request(
        std::move(request),
        [auto_create](protocol::MetadataRequest& message, int16_t version) {
          message.allow_auto_topic_creation = version < 4 || auto_create;
        },
        1));
    if (!client.poll(future, deadline)) break;
    if (future.result()) {
      const auto decoded = future.result()->decode<protocol::MetadataResponse>();
      if (decoded) {
        Cluster cluster = cluster_from_response(*decoded);
        const auto found = topic.has_value() ? cluster.topics.find(*topic) : cluster.topics.end();
        if (found == cluster.topics.end() || !is_retriable(found->second.error) ||
            found->second.error == ErrorCode::kUnknownTopicOrPartition) {
          return cluster;
        }
      }
    }
    const Instant pause = deadline_after(node.clock().monotonic(), config.retry_backoff);
    while (node.clock().monotonic() < std::min(pause, deadline))
      client.poll(std::min(pause, deadline));
  }
  throw_timed_out("no metadata of " + topic.value_or("the topics"));
}

std::vector<PartitionInfo> KafkaConsumer::partitions_for(std::string_view topic,
                                                         std::optional<Instant> deadline) {
  Use use(*parts_);
  if (const std::vector<PartitionInfo> known = parts_->metadata.fetch()->partitions_for(topic);
      !known.empty())
    return known;
  const Cluster cluster =
      parts_->fetch_topics(std::string(topic), parts_->deadline_or_default(deadline));
  const auto found = cluster.topics.find(topic);
  if (found != cluster.topics.end() && found->second.error != ErrorCode::kNone &&
      found->second.error != ErrorCode::kUnknownTopicOrPartition) {
    throw KafkaException(found->second.error,
                         fmt::format("topic {}: {}", topic, error_name(found->second.error)));
  }
  return cluster.partitions_for(topic);
}

std::map<std::string, std::vector<PartitionInfo>> KafkaConsumer::list_topics(
    std::optional<Instant> deadline) {
  Use use(*parts_);
  std::map<std::string, std::vector<PartitionInfo>> topics;
  for (auto& [name, topic] :
       parts_->fetch_topics(std::nullopt, parts_->deadline_or_default(deadline)).topics) {
    topics.emplace(name, std::move(topic.partitions));
  }
  return topics;
}

void KafkaConsumer::wakeup() { parts_->client.wakeup(); }

void KafkaConsumer::close(Duration timeout) {
  if (parts_->closed) return;
  {
    Use use(*parts_);
    const Instant deadline = deadline_after(parts_->node.clock().monotonic(), timeout);
    try {
      for (const auto& future : parts_->fetcher.close_sessions())
        (void)parts_->client.poll(future, deadline);
    } catch (const KafkaException& failure) {
      KS_LOG(kInfo, parts_->node.name(), "closing without ending fetch sessions: {}",
             failure.what());
    }
    parts_->metadata.close();
    parts_->client.close();
    parts_->closed = true;
  }
  for (const auto& interceptor : parts_->config.interceptors) interceptor->close();
}

bool KafkaConsumer::is_closed() const { return parts_->closed; }
const ConnectionReport& KafkaConsumer::connections() const {
  return parts_->client.network().report();
}
MetricsRegistry& KafkaConsumer::metrics() { return parts_->metrics; }
std::shared_ptr<const Cluster> KafkaConsumer::cluster() const { return parts_->metadata.fetch(); }
const ConsumerConfig& KafkaConsumer::config() const { return parts_->config; }
const std::string& KafkaConsumer::client_id() const { return parts_->config.client_id; }

ConsumerDescription KafkaConsumer::describe() const {
  ConsumerDescription description;
  parts_->subscriptions.describe(description);
  parts_->fetcher.describe(description);
  description.in_flight_requests = parts_->client.network().describe_in_flight();
  return description;
}

}  // namespace kafkascope

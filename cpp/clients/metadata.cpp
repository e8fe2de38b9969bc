#include "clients/metadata.h"

#include <algorithm>

namespace kafkascope {

Metadata::Metadata(Node& node, Duration refresh_backoff, Duration refresh_backoff_max,
                   Duration max_age)
    : node_(node),
      mutex_(node, "metadata"),
      updated_(node, "metadata"),
      backoff_(refresh_backoff, refresh_backoff_max),
      max_age_(max_age),
      random_(node.random().stream("metadata backoff")),
      cluster_(std::make_shared<Cluster>()) {}

void Metadata::bootstrap(const std::vector<Endpoint>& addresses) {
  Lock lock(mutex_);
  cluster_ = std::make_shared<const Cluster>(Cluster::bootstrap(addresses));
  full_update_requested_ = true;
  ++update_version_;
}

std::shared_ptr<const Cluster> Metadata::fetch() const {
  Lock lock(mutex_);
  return cluster_;
}

int64_t Metadata::request_update() {
  Lock lock(mutex_);
  full_update_requested_ = true;
  ++request_version_;
  return update_version_;
}

int64_t Metadata::request_update_for_new_topics() {
  Lock lock(mutex_);
  partial_update_requested_ = true;
  retry_at_ = Instant{};  // a topic never asked for does not wait for another one's backoff
  ++request_version_;
  return update_version_;
}

bool Metadata::update_requested() const {
  Lock lock(mutex_);
  return needs_update();
}

Duration Metadata::time_to_next_update(Instant now) const {
  Lock lock(mutex_);
  const Duration to_expiry = needs_update() || !ever_updated_
                                 ? Duration::zero()
                                 : std::max(Duration::zero(), last_success_ + max_age_ - now);
  return std::max(to_expiry, retry_at_ - now);
}

int64_t Metadata::update_version() const {
  Lock lock(mutex_);
  return update_version_;
}

bool Metadata::await_update(int64_t version, Instant deadline) const {
  Lock lock(mutex_);
  const bool in_time = updated_.wait_until(
      lock, deadline, [&] { return update_version_ > version || fatal_.has_value() || closed_; });
  if (fatal_.has_value()) {
    const Error error = *fatal_;
    fatal_.reset();
    throw KafkaException(error.code, error.message);
  }
  if (closed_)
    throw KafkaException(ErrorCode::kInvalidRequest,
                         "the client was closed while it waited for metadata");
  return in_time;
}

MetadataRequestTopics Metadata::begin_request(Instant now) {
  Lock lock(mutex_);
  const bool expired = !ever_updated_ || now >= last_success_ + max_age_;
  const bool new_topics_only = partial_update_requested_ && !full_update_requested_ && !expired;
  sent_request_version_ = request_version_;
  return next_topics(now, new_topics_only);
}

void Metadata::update(Cluster response, const MetadataRequestTopics& requested, Instant now) {
  Lock lock(mutex_);
  bool stale_topics = false;
  for (auto topic = response.topics.begin(); topic != response.topics.end();) {
    if (!requested.all && !retain_topic(topic->first, topic->second.is_internal, now)) {
      topic = response.topics.erase(topic);
      continue;
    }
    stale_topics |= is_invalid_metadata(topic->second.error);
    for (const PartitionInfo& partition : topic->second.partitions)
      stale_topics |= is_invalid_metadata(partition.error);
    ++topic;
  }
  keep_newer_leaders(response);
  if (requested.partial) {
    for (const auto& [name, topic] : cluster_->topics) response.topics.emplace(name, topic);
  }
  // Topics without a leader, or that are about to be created: ask again, after the backoff.
  const bool asked_meanwhile = request_version_ != sent_request_version_;
  if (!asked_meanwhile) {
    partial_update_requested_ = false;
    if (!requested.partial) full_update_requested_ = false;
  }
  full_update_requested_ |= stale_topics;
  attempts_ = stale_topics ? attempts_ + 1 : 0;
  retry_at_ = now + backoff_.backoff(std::max<int64_t>(0, attempts_ - 1), random_);
  if (!requested.partial) last_success_ = now;
  ever_updated_ = true;
  publish(std::make_shared<const Cluster>(std::move(response)), lock);
}

// A broker that lags may tell of an older leader: then what is known stays, and the response's
// partition goes.
void Metadata::keep_newer_leaders(Cluster& response) {
  for (auto& [name, topic] : response.topics) {
    const TopicInfo* known = cluster_->topic(name);
    const bool recreated = known != nullptr && known->id != topic.id && !topic.id.is_zero();
    for (PartitionInfo& partition : topic.partitions) {
      if (partition.leader_epoch == kNoLeaderEpoch) continue;
      const TopicPartition tp{name, partition.partition};
      const auto [seen, first] = last_seen_epochs_.emplace(tp, partition.leader_epoch);
      const PartitionInfo* old = cluster_->partition(tp);
      if (first || recreated || partition.leader_epoch >= seen->second)
        seen->second = partition.leader_epoch;
      else if (old != nullptr)
        partition = *old;
    }
  }
}

void Metadata::publish(std::shared_ptr<const Cluster> cluster, Lock& lock) {
  cluster_ = std::move(cluster);
  ++update_version_;
  KS_TRACE(node_, "MetadataUpdated", {"version", update_version_},
           {"brokers", static_cast<int64_t>(cluster_->brokers.size())},
           {"topics", static_cast<int64_t>(cluster_->topics.size())});
  updated_.notify_all();
  const std::shared_ptr<const Cluster> snapshot = cluster_;
  lock.unlock();
  if (listener_) listener_(*snapshot);
  lock.lock();
}

void Metadata::failed_update(Instant now) {
  Lock lock(mutex_);
  retry_at_ = now + backoff_.backoff(attempts_++, random_);
}

void Metadata::fatal_error(Error error) {
  Lock lock(mutex_);
  fatal_ = std::move(error);
  updated_.notify_all();
}

void Metadata::maybe_throw() const {
  Lock lock(mutex_);
  if (!fatal_.has_value()) return;
  const Error error = *fatal_;
  fatal_.reset();
  throw KafkaException(error.code, error.message);
}

void Metadata::close() {
  Lock lock(mutex_);
  closed_ = true;
  updated_.notify_all();
}

std::optional<LeaderEpoch> Metadata::last_seen_leader_epoch(const TopicPartition& tp) const {
  Lock lock(mutex_);
  const auto seen = last_seen_epochs_.find(tp);
  return seen == last_seen_epochs_.end() ? std::nullopt : std::optional(seen->second);
}

bool Metadata::update_last_seen_epoch_if_newer(const TopicPartition& tp, LeaderEpoch epoch) {
  if (epoch == kNoLeaderEpoch) return false;
  Lock lock(mutex_);
  const auto [seen, first] = last_seen_epochs_.emplace(tp, epoch);
  if (!first && epoch <= seen->second) return false;
  seen->second = epoch;
  full_update_requested_ = true;
  ++request_version_;
  return true;
}

bool Metadata::update_leader(const TopicPartition& tp, BrokerId leader, LeaderEpoch epoch,
                             std::optional<BrokerNode> address) {
  Lock lock(mutex_);
  const PartitionInfo* known = cluster_->partition(tp);
  if (known == nullptr || leader < 0 || epoch <= known->leader_epoch) return false;
  auto changed = std::make_shared<Cluster>(*cluster_);
  if (address.has_value()) changed->brokers[leader] = *address;
  if (changed->broker(leader) == nullptr) return false;
  for (PartitionInfo& partition : changed->topics.find(tp.topic)->second.partitions) {
    if (partition.partition != tp.partition) continue;
    partition.leader = leader;
    partition.leader_epoch = epoch;
  }
  last_seen_epochs_[tp] = epoch;
  publish(std::move(changed), lock);
  return true;
}

}  // namespace kafkascope

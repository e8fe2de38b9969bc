#include "clients/producer/producer_metadata.h"

namespace kafkascope {

ProducerMetadata::ProducerMetadata(Node& node, Duration refresh_backoff,
                                   Duration refresh_backoff_max, Duration max_age,
                                   Duration max_idle)
    : Metadata(node, refresh_backoff, refresh_backoff_max, max_age), max_idle_(max_idle) {}

bool ProducerMetadata::add(std::string_view topic, Instant now) {
  Lock lock(mutex_);
  const Instant expires = deadline_after(now, max_idle_);
  const auto found = expires_.find(topic);
  if (found != expires_.end()) {
    found->second = expires;
    return false;
  }
  expires_.emplace(topic, expires);
  new_topics_.emplace(topic);
  return true;
}

bool ProducerMetadata::contains(std::string_view topic) const {
  Lock lock(mutex_);
  return expires_.contains(topic);
}

bool ProducerMetadata::is_new(std::string_view topic) const {
  Lock lock(mutex_);
  return new_topics_.contains(topic);
}

MetadataRequestTopics ProducerMetadata::next_topics(Instant, bool new_topics_only) {
  MetadataRequestTopics request;
  request.allow_auto_create = true;
  request.partial = new_topics_only;
  if (new_topics_only)
    request.topics.assign(new_topics_.begin(), new_topics_.end());
  else
    for (const auto& [topic, expires] : expires_) request.topics.push_back(topic);
  return request;
}

bool ProducerMetadata::retain_topic(const std::string& topic, bool, Instant now) {
  const auto found = expires_.find(topic);
  if (found == expires_.end()) return false;
  if (const auto fresh = new_topics_.find(topic); fresh != new_topics_.end()) {
    new_topics_.erase(fresh);
    return true;
  }
  if (now < found->second) return true;
  expires_.erase(found);
  return false;
}

}  // namespace kafkascope

#include "clients/consumer/consumer_metadata.h"

namespace kafkascope {

void ConsumerMetadata::add_transient_topics(const std::set<std::string>& topics) {
  Lock lock(mutex_);
  transient_topics_ = topics;
}

void ConsumerMetadata::clear_transient_topics() {
  Lock lock(mutex_);
  transient_topics_.clear();
}

MetadataRequestTopics ConsumerMetadata::next_topics(Instant, bool) {
  std::set<std::string> topics = subscriptions_.topics_to_fetch();
  topics.insert(transient_topics_.begin(), transient_topics_.end());
  MetadataRequestTopics request;
  request.topics.assign(topics.begin(), topics.end());
  request.allow_auto_create = allow_auto_create_;
  return request;
}

bool ConsumerMetadata::retain_topic(const std::string& topic, bool, Instant) {
  return transient_topics_.contains(topic) || subscriptions_.topics_to_fetch().contains(topic);
}

}  // namespace kafkascope

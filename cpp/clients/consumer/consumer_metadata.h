// ConsumerMetadata: the topics that a consumer is subscribed to or reads from.
#pragma once

#include "clients/consumer/subscription_state.h"
#include "clients/metadata.h"

namespace kafkascope {

/// Kafka's ConsumerMetadata, and with `add_transient_topics` what a call asks for in passing.
class ConsumerMetadata : public Metadata {
 public:
  ConsumerMetadata(Node& node, const ConsumerConfig& config, SubscriptionState& subscriptions)
      : Metadata(node, config.retry_backoff, config.retry_backoff_max, config.metadata_max_age),
        subscriptions_(subscriptions),
        allow_auto_create_(config.allow_auto_create_topics) {}

  void add_transient_topics(const std::set<std::string>& topics);
  void clear_transient_topics();

 protected:
  MetadataRequestTopics next_topics(Instant now, bool new_topics_only) override;
  bool retain_topic(const std::string& topic, bool is_internal, Instant now) override;

 private:
  SubscriptionState& subscriptions_;
  const bool allow_auto_create_;
  std::set<std::string> transient_topics_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

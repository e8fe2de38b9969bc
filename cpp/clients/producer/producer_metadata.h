// ProducerMetadata: the topics that were sent to lately, each forgotten when it is idle.
#pragma once

#include "clients/metadata.h"

namespace kafkascope {

/// Kafka's ProducerMetadata: a topic enters with its first record and leaves after
/// metadata.max.idle.ms without one (KIP-526). New topics are asked for alone, so that a busy
/// producer's metadata stays small.
class ProducerMetadata : public Metadata {
 public:
  ProducerMetadata(Node& node, Duration refresh_backoff, Duration refresh_backoff_max,
                   Duration max_age, Duration max_idle);

  /// Any thread: the topic is in use. True when it is new; then the caller requests an update.
  bool add(std::string_view topic, Instant now);
  bool contains(std::string_view topic) const;
  bool is_new(std::string_view topic) const;

 protected:
  MetadataRequestTopics next_topics(Instant now, bool new_topics_only) override;
  bool retain_topic(const std::string& topic, bool is_internal, Instant now) override;

 private:
  const Duration max_idle_;
  std::map<std::string, Instant, std::less<>> expires_ KS_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> new_topics_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

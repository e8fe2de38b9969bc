// Metadata: what a client knows of the cluster, how old it is, and when to ask again.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clients/cluster.h"
#include "clients/exponential_backoff.h"
#include "common/errors.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Which topics the next metadata request names.
struct MetadataRequestTopics {
  bool all = false;
  std::vector<std::string> topics;
  bool allow_auto_create = false;
  bool partial = false;  // only topics that are new: what else is known is kept
};

/// Kafka's Metadata: written by the network thread, read by all. A subclass knows which topics
/// matter.
class Metadata {
 public:
  Metadata(Node& node, Duration refresh_backoff, Duration refresh_backoff_max, Duration max_age);
  virtual ~Metadata() = default;

  void bootstrap(const std::vector<Endpoint>& addresses);
  std::shared_ptr<const Cluster> fetch() const;

  /// Asks the network thread to fetch at its next chance; returns the version to wait beyond.
  int64_t request_update();
  /// Like request_update, for topics that were never asked for.
  int64_t request_update_for_new_topics();
  bool update_requested() const;
  /// Zero: now. Counts age, requests and the backoff after failures.
  virtual Duration time_to_next_update(Instant now) const;
  int64_t update_version() const;
  /// Waits until the version passes `version`, and throws what request or close() left. False:
  /// deadline passed.
  bool await_update(int64_t version, Instant deadline) const;

  /// The network thread asks what to request, then reports one of the three outcomes.
  MetadataRequestTopics begin_request(Instant now);
  void update(Cluster response, const MetadataRequestTopics& requested, Instant now);
  void failed_update(Instant now);
  /// Authorization, unsupported versions: thrown once to whoever waits.
  void fatal_error(Error error);
  /// Throws a fatal error once, if there is one.
  void maybe_throw() const;
  void close();

  /// Newest epoch seen of a partition's leader; older answers are not believed (KIP-320).
  std::optional<LeaderEpoch> last_seen_leader_epoch(const TopicPartition& tp) const;
  /// True when the epoch is newer than what was known: then metadata is requested.
  bool update_last_seen_epoch_if_newer(const TopicPartition& tp, LeaderEpoch epoch);
  /// A response said who leads now (KIP-951). False when it is not news.
  bool update_leader(const TopicPartition& tp, BrokerId leader, LeaderEpoch epoch,
                     std::optional<BrokerNode> address);

  /// Runs on the network thread after each update, without locks held.
  void set_listener(std::function<void(const Cluster&)> listener) {
    listener_ = std::move(listener);
  }

 protected:
  /// Under the lock: the topics for the next request.
  virtual MetadataRequestTopics next_topics(Instant now, bool new_topics_only) = 0;
  /// Under the lock: keep this topic of an update?
  virtual bool retain_topic(const std::string& topic, bool is_internal, Instant now) = 0;

  Node& node_;
  mutable Mutex mutex_;
  mutable ConditionVariable updated_;

 private:
  void keep_newer_leaders(Cluster& response) KS_REQUIRES(mutex_);
  void publish(std::shared_ptr<const Cluster> cluster, Lock& lock) KS_REQUIRES(mutex_);
  bool needs_update() const KS_REQUIRES(mutex_) {
    return full_update_requested_ || partial_update_requested_;
  }

  const ExponentialBackoff backoff_;
  const Duration max_age_;
  RandomStream random_ KS_GUARDED_BY(mutex_);
  std::shared_ptr<const Cluster> cluster_ KS_GUARDED_BY(mutex_);
  std::map<TopicPartition, LeaderEpoch> last_seen_epochs_ KS_GUARDED_BY(mutex_);
  std::function<void(const Cluster&)> listener_;
  mutable std::optional<Error> fatal_ KS_GUARDED_BY(mutex_);
  Instant last_success_ KS_GUARDED_BY(mutex_){};
  Instant retry_at_ KS_GUARDED_BY(mutex_){};
  int64_t attempts_ KS_GUARDED_BY(mutex_) = 0;
  int64_t update_version_ KS_GUARDED_BY(mutex_) = 0;
  int64_t request_version_ KS_GUARDED_BY(mutex_) = 0;
  int64_t sent_request_version_ KS_GUARDED_BY(mutex_) = 0;
  bool full_update_requested_ KS_GUARDED_BY(mutex_) = false;
  bool partial_update_requested_ KS_GUARDED_BY(mutex_) = false;
  bool ever_updated_ KS_GUARDED_BY(mutex_) = false;
  bool closed_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope

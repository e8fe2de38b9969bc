// What waits until this broker has heard from the controller that a topic is as it was asked for.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "metadata/metadata_cache.h"
#include "purgatory/delayed_operation.h"

namespace kafkascope {

/// Waits for a condition on the metadata. The callback gets the metadata that there are when the
/// condition holds or the time is up. Watched under each topic's name.
class DelayedTopicOperation : public DelayedOperation {
 public:
  using Callback = std::function<void(const ClusterMetadata&)>;

  DelayedTopicOperation(Duration timeout, MetadataCache& cache, Callback callback)
      : DelayedOperation(timeout), cache_(cache), callback_(std::move(callback)) {}

 protected:
  virtual bool is_done(const ClusterMetadata& metadata) const = 0;
  bool try_complete() override { return is_done(*cache_.current()) && force_complete(); }
  void on_complete() override { callback_(*cache_.current()); }
  void on_expiration() override {}

 private:
  MetadataCache& cache_;
  const Callback callback_;
};

/// Has the partition a leader that clients can be told of?
bool has_leader(const ClusterMetadata& metadata, const TopicPartition& partition);

/// CreateTopics and CreatePartitions: until each partition has a leader.
class DelayedCreatePartitions : public DelayedTopicOperation {
 public:
  DelayedCreatePartitions(Duration timeout, MetadataCache& cache,
                          std::set<TopicPartition> partitions, Callback callback)
      : DelayedTopicOperation(timeout, cache, std::move(callback)),
        partitions_(std::move(partitions)) {}
  std::string describe() const override;

 protected:
  bool is_done(const ClusterMetadata& metadata) const override;

 private:
  const std::set<TopicPartition> partitions_;
};

/// DeleteTopics: until none of them is there.
class DelayedDeleteTopics : public DelayedTopicOperation {
 public:
  DelayedDeleteTopics(Duration timeout, MetadataCache& cache, std::set<std::string> topics,
                      Callback callback)
      : DelayedTopicOperation(timeout, cache, std::move(callback)), topics_(std::move(topics)) {}
  std::string describe() const override;

 protected:
  bool is_done(const ClusterMetadata& metadata) const override;

 private:
  const std::set<std::string> topics_;
};

/// ElectLeaders: until each partition is led by the one that was elected.
class DelayedElectLeader : public DelayedTopicOperation {
 public:
  DelayedElectLeader(Duration timeout, MetadataCache& cache,
                     std::map<TopicPartition, BrokerId> elected, Callback callback)
      : DelayedTopicOperation(timeout, cache, std::move(callback)), elected_(std::move(elected)) {}
  std::string describe() const override;

 protected:
  bool is_done(const ClusterMetadata& metadata) const override;

 private:
  const std::map<TopicPartition, BrokerId> elected_;
};

}  // namespace kafkascope

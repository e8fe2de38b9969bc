#include "controller/controller_stats.h"

#include "controller/controller_context.h"

namespace kafkascope {

using controller::ReplicaState;

namespace {

constexpr const char* kCounted[] = {
    "OfflinePartitionsCount",
    "PreferredReplicaImbalanceCount",
    "GlobalTopicCount",
    "GlobalPartitionCount",
    "TopicsToDeleteCount",
    "ReplicasToDeleteCount",
    "TopicsIneligibleToDeleteCount",
    "ReplicasIneligibleToDeleteCount",
    "ActiveBrokerCount",
    "FencedBrokerCount",  // of KRaft: always 0 here
};

MetricName controller_metric(const std::string& name) {
  return {"kafka.controller", "KafkaController", name, {}};
}

}  // namespace

ControllerStats::ControllerStats(MetricsRegistry& metrics, Gauge is_active, Gauge state)
    : metrics_(metrics) {
  metrics_.gauge(controller_metric("ActiveControllerCount"), std::move(is_active));
  metrics_.gauge(controller_metric("ControllerState"), std::move(state));
  for (const char* name : kCounted) {
    std::atomic<int64_t>& count = counts_[name];
    metrics_.gauge(controller_metric(name), [&count] { return static_cast<double>(count.load()); });
  }
}

ControllerStats::~ControllerStats() {
  metrics_.remove(controller_metric("ActiveControllerCount"));
  metrics_.remove(controller_metric("ControllerState"));
  for (const auto& [name, count] : counts_) metrics_.remove(controller_metric(name));
}

Meter& ControllerStats::unclean_leader_elections(MetricsRegistry& metrics) {
  return metrics.meter({"kafka.controller", "ControllerStats", "UncleanLeaderElectionsPerSec", {}});
}

void ControllerStats::update(const ControllerContext* context) {
  if (context == nullptr) {
    for (auto& [name, count] : counts_) count = 0;
    return;
  }
  const auto size = [](const auto& set) { return static_cast<int64_t>(set.size()); };
  int64_t to_delete = 0, ineligible = 0;
  for (const std::string& topic : context->topics_to_be_deleted()) {
    for (const PartitionAndReplica& replica : context->replicas_for_topic(topic)) {
      const ReplicaState state = context->replica_state(replica);
      to_delete += state != ReplicaState::kReplicaDeletionSuccessful;
      ineligible += state == ReplicaState::kReplicaDeletionIneligible;
    }
  }
  counts_.at("OfflinePartitionsCount") = context->offline_partition_count();
  counts_.at("PreferredReplicaImbalanceCount") = context->preferred_replica_imbalance_count();
  counts_.at("GlobalTopicCount") = size(context->all_topics);
  counts_.at("GlobalPartitionCount") = size(context->partitions_leadership_info());
  counts_.at("TopicsToDeleteCount") = size(context->topics_to_be_deleted());
  counts_.at("ReplicasToDeleteCount") = to_delete;
  counts_.at("TopicsIneligibleToDeleteCount") = size(context->topics_ineligible_for_deletion);
  counts_.at("ReplicasIneligibleToDeleteCount") = ineligible;
  counts_.at("ActiveBrokerCount") = size(context->live_or_shutting_down_brokers());
}

}  // namespace kafkascope

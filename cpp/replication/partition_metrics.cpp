#include "replication/partition_metrics.h"

#include "replication/partition.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

struct PartitionGauge {
  const char* domain;
  const char* type;
  const char* name;
  double (*read)(const Partition& partition);
};

double last_stable_offset_lag(const Partition& partition) {
  const LogOffsetSnapshot offsets = partition.log()->offset_snapshot();
  return static_cast<double>(offsets.high_watermark.message_offset -
                             offsets.last_stable_offset.message_offset);
}

double replicas_count(const Partition& partition) {
  if (!partition.is_leader()) return 0;
  const PartitionState state = partition.state();
  return static_cast<double>(state.replicas.size() - state.adding_replicas.size());
}

constexpr const char* kLog = "kafka.log";
constexpr const char* kCluster = "kafka.cluster";

const PartitionGauge kGauges[] = {
    {kLog, "Log", "Size", [](const Partition& p) { return static_cast<double>(p.log()->size()); }},
    {kLog, "Log", "NumLogSegments",
     [](const Partition& p) { return static_cast<double>(p.log()->number_of_segments()); }},
    {kLog, "Log", "LogStartOffset",
     [](const Partition& p) { return static_cast<double>(p.log()->log_start_offset()); }},
    {kLog, "Log", "LogEndOffset",
     [](const Partition& p) { return static_cast<double>(p.log()->log_end_offset()); }},
    {kCluster, "Partition", "UnderReplicated",
     [](const Partition& p) { return p.is_under_replicated() ? 1.0 : 0.0; }},
    {kCluster, "Partition", "InSyncReplicasCount",
     [](const Partition& p) { return static_cast<double>(p.in_sync_replica_ids().size()); }},
    {kCluster, "Partition", "UnderMinIsr",
     [](const Partition& p) { return p.is_under_min_isr() ? 1.0 : 0.0; }},
    {kCluster, "Partition", "AtMinIsr",
     [](const Partition& p) { return p.is_at_min_isr() ? 1.0 : 0.0; }},
    {kCluster, "Partition", "ReplicasCount", replicas_count},
    {kCluster, "Partition", "LastStableOffsetLag", last_stable_offset_lag},
};

MetricName name_of(const PartitionGauge& gauge, const TopicPartition& partition) {
  return {gauge.domain,
          gauge.type,
          gauge.name,
          {{"topic", partition.topic}, {"partition", std::to_string(partition.partition)}}};
}

}  // namespace

void add_partition_metrics(MetricsRegistry& registry, const std::shared_ptr<Partition>& partition) {
  for (const PartitionGauge& gauge : kGauges) {
    registry.gauge(name_of(gauge, partition->topic_partition()),
                   [known = std::weak_ptr<Partition>(partition), read = gauge.read] {
                     const auto there = known.lock();
                     return there ? read(*there) : 0.0;
                   });
  }
}

void remove_partition_metrics(MetricsRegistry& registry, const TopicPartition& partition) {
  for (const PartitionGauge& gauge : kGauges) registry.remove(name_of(gauge, partition));
}

}  // namespace kafkascope

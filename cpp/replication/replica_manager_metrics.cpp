// ReplicaManager's metrics: kafka.server:type=ReplicaManager, and what it counts of directories.
#include <algorithm>

#include "log/producer_state_entry.h"
#include "replication/replica_manager.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

MetricName manager_metric(const char* name) { return {"kafka.server", "ReplicaManager", name, {}}; }
const MetricName kOfflineDirs{"kafka.log", "LogManager", "OfflineLogDirectoryCount", {}};
MetricName offline_dir(const std::string& dir) {
  return {"kafka.log", "LogManager", "LogDirectoryOffline", {{"logDirectory", dir}}};
}

/// Gauges that count the partitions for which something holds.
constexpr std::pair<const char*, bool (Partition::*)() const> kCounts[] = {
    {"LeaderCount", &Partition::is_leader},
    {"UnderReplicatedPartitions", &Partition::is_under_replicated},
    {"UnderMinIsrPartitionCount", &Partition::is_under_min_isr},
    {"AtMinIsrPartitionCount", &Partition::is_at_min_isr},
    {"ReassigningPartitions", &Partition::is_reassigning},
};
constexpr const char* kOtherGauges[] = {"PartitionCount", "OfflineReplicaCount", "ProducerIdCount"};
constexpr const char* kMeters[] = {"IsrExpandsPerSec", "IsrShrinksPerSec",
                                   "FailedIsrUpdatesPerSec"};

}  // namespace

double ReplicaManager::count(bool (Partition::*predicate)() const) const {
  const auto all = partitions();
  return static_cast<double>(
      std::count_if(all.begin(), all.end(), [&](const auto& p) { return (*p.*predicate)(); }));
}

void ReplicaManager::add_metrics() {
  for (const auto& [name, predicate] : kCounts)
    metrics_.gauge(manager_metric(name),
                   [this, predicate = predicate] { return count(predicate); });
  metrics_.gauge(manager_metric("PartitionCount"),
                 [this] { return static_cast<double>(partitions().size()); });
  metrics_.gauge(manager_metric("OfflineReplicaCount"), [this] {
    ReadLock lock(mutex_);
    return static_cast<double>(offline_.size());
  });
  metrics_.gauge(manager_metric("ProducerIdCount"), [this] {
    size_t producers = 0;
    for (const auto& partition : partitions())
      producers += partition->log()->active_producers().size();
    return static_cast<double>(producers);
  });
  for (const char* name : kMeters) metrics_.meter(manager_metric(name));
  metrics_.gauge(kOfflineDirs, [this] {
    return static_cast<double>(logs_.log_dirs().size() - logs_.live_log_dirs().size());
  });
  for (const std::string& dir : logs_.log_dirs()) {
    metrics_.gauge(offline_dir(dir), [this, dir] { return logs_.is_log_dir_online(dir) ? 0 : 1; });
  }
}

void ReplicaManager::remove_metrics() {
  for (const auto& [name, predicate] : kCounts) metrics_.remove(manager_metric(name));
  for (const char* name : kOtherGauges) metrics_.remove(manager_metric(name));
  for (const char* name : kMeters) metrics_.remove(manager_metric(name));
  metrics_.remove(kOfflineDirs);
  for (const std::string& dir : logs_.log_dirs()) metrics_.remove(offline_dir(dir));
}

void ReplicaManager::on_isr_update(const TopicPartition&, IsrUpdate update) {
  const char* name = update == IsrUpdate::kExpanded ? "IsrExpandsPerSec"
                     : update == IsrUpdate::kShrunk ? "IsrShrinksPerSec"
                                                    : "FailedIsrUpdatesPerSec";
  metrics_.meter(manager_metric(name)).mark();
}

}  // namespace kafkascope

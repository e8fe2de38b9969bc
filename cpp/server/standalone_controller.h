// StandaloneController: what a controller is for a cluster, for a broker by itself: it leads
// everything.
#pragma once

#include <vector>

#include "metadata/metadata_cache.h"
#include "replication/replica_manager.h"

namespace kafkascope {

/// Makes topics that were stored come true on the one broker there is. Calls follow one another.
class StandaloneController {
 public:
  StandaloneController(BrokerId broker, MetadataCache& cache, ReplicaManager& replicas)
      : broker_(broker), cache_(cache), replicas_(replicas) {}

  /// Leads the topic's partitions; those from `first_new` on have no log yet.
  void install(const TopicMetadata& topic, PartitionIndex first_new);
  void remove(const TopicMetadata& topic);
  void set_config(const std::string& topic, const ConfigMap& configs);
  /// Their log directory failed: nobody leads them until this broker starts with it again.
  void take_offline(const std::vector<TopicPartition>& partitions);

 private:
  const BrokerId broker_;
  MetadataCache& cache_;
  ReplicaManager& replicas_;
};

}  // namespace kafkascope

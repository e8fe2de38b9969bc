// The metrics of one partition: of its log (kafka.log) and of its replicas (kafka.cluster).
#pragma once

#include <memory>

#include "common/types.h"

namespace kafkascope {

class MetricsRegistry;
class Partition;

/// kafka.log:type=Log and kafka.cluster:type=Partition with the partition's tags. They read what
/// the partition has when somebody looks.
void add_partition_metrics(MetricsRegistry& registry, const std::shared_ptr<Partition>& partition);
/// Not with a lock held that the partition takes.
void remove_partition_metrics(MetricsRegistry& registry, const TopicPartition& partition);

}  // namespace kafkascope

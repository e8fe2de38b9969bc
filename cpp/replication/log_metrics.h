// The metrics of one partition's log: Size, NumLogSegments, LogStartOffset, LogEndOffset.
#pragma once

#include <memory>

#include "common/types.h"

namespace kafkascope {

class MetricsRegistry;
class Partition;

/// kafka.log:type=Log with the partition's tags. They read the log that the partition has when
/// somebody looks.
void add_log_metrics(MetricsRegistry& registry, const std::shared_ptr<Partition>& partition);
/// Not with a lock held that the partition takes.
void remove_log_metrics(MetricsRegistry& registry, const TopicPartition& partition);

}  // namespace kafkascope

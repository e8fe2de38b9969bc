#include "replication/log_metrics.h"

#include <utility>

#include "replication/partition.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

using Read = double (*)(const Log& log);

const std::pair<const char*, Read> kGauges[] = {
    {"Size", [](const Log& log) { return static_cast<double>(log.size()); }},
    {"NumLogSegments",
     [](const Log& log) { return static_cast<double>(log.number_of_segments()); }},
    {"LogStartOffset", [](const Log& log) { return static_cast<double>(log.log_start_offset()); }},
    {"LogEndOffset", [](const Log& log) { return static_cast<double>(log.log_end_offset()); }},
};

MetricName name_of(const char* gauge, const TopicPartition& partition) {
  return {"kafka.log",
          "Log",
          gauge,
          {{"topic", partition.topic}, {"partition", std::to_string(partition.partition)}}};
}

}  // namespace

void add_log_metrics(MetricsRegistry& registry, const std::shared_ptr<Partition>& partition) {
  for (const auto& [gauge, read] : kGauges) {
    registry.gauge(name_of(gauge, partition->topic_partition()),
                   [known = std::weak_ptr<Partition>(partition), read = read] {
                     const auto there = known.lock();
                     return there ? read(*there->log()) : 0.0;
                   });
  }
}

void remove_log_metrics(MetricsRegistry& registry, const TopicPartition& partition) {
  for (const auto& [gauge, read] : kGauges) registry.remove(name_of(gauge, partition));
}

}  // namespace kafkascope

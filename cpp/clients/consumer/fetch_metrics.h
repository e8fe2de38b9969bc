// FetchMetrics: what a consumer counts, under Kafka's names
// (kafka.consumer:type=consumer-fetch-manager-metrics,client-id=...).
#pragma once

#include <string>

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

/// References into a registry that outlives this.
struct FetchMetrics {
  FetchMetrics(MetricsRegistry& registry, const std::string& client_id);

  Meter& records_consumed;
  Meter& bytes_fetched;
  Histogram& fetch_latency;  // ms
  Histogram& fetch_size;     // bytes
};

MetricName consumer_metric(const std::string& client_id, const std::string& name);

}  // namespace kafkascope

// SenderMetrics: what a producer counts, under Kafka's names
// (kafka.producer:type=producer-metrics,client-id=...).
#pragma once

#include <string>

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

/// References into a registry that outlives this.
struct SenderMetrics {
  SenderMetrics(MetricsRegistry& registry, const std::string& client_id);

  Meter& record_send;
  Meter& record_retry;
  Meter& record_error;
  Meter& batch_split;
  Histogram& batch_size;  // bytes
  Histogram& records_per_request;
  Histogram& record_queue_time;  // ms in the accumulator
  Histogram& request_latency;    // ms
};

MetricName producer_metric(const std::string& client_id, const std::string& name);

}  // namespace kafkascope

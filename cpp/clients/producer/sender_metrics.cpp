#include "clients/producer/sender_metrics.h"

namespace kafkascope {

MetricName producer_metric(const std::string& client_id, const std::string& name) {
  return {"kafka.producer", "producer-metrics", name, {{"client-id", client_id}}};
}

SenderMetrics::SenderMetrics(MetricsRegistry& registry, const std::string& client_id)
    : record_send(registry.meter(producer_metric(client_id, "record-send"))),
      record_retry(registry.meter(producer_metric(client_id, "record-retry"))),
      record_error(registry.meter(producer_metric(client_id, "record-error"))),
      batch_split(registry.meter(producer_metric(client_id, "batch-split"))),
      batch_size(registry.histogram(producer_metric(client_id, "batch-size"))),
      records_per_request(registry.histogram(producer_metric(client_id, "records-per-request"))),
      record_queue_time(registry.histogram(producer_metric(client_id, "record-queue-time"))),
      request_latency(registry.histogram(producer_metric(client_id, "request-latency"))) {}

}  // namespace kafkascope

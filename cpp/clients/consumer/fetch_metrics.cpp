#include "clients/consumer/fetch_metrics.h"

namespace kafkascope {

MetricName consumer_metric(const std::string& client_id, const std::string& name) {
  return {"kafka.consumer", "consumer-fetch-manager-metrics", name, {{"client-id", client_id}}};
}

FetchMetrics::FetchMetrics(MetricsRegistry& registry, const std::string& client_id)
    : records_consumed(registry.meter(consumer_metric(client_id, "records-consumed"))),
      bytes_fetched(registry.meter(consumer_metric(client_id, "bytes-consumed"))),
      fetch_latency(registry.histogram(consumer_metric(client_id, "fetch-latency"))),
      fetch_size(registry.histogram(consumer_metric(client_id, "fetch-size"))) {}

}  // namespace kafkascope

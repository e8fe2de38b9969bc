#include "replication/fetcher/fetcher_metrics.h"

#include <algorithm>

namespace kafkascope {

FetcherMetrics::FetcherMetrics(Node& node, MetricsRegistry& registry, std::string client_id,
                               const BrokerNode& leader)
    : registry_(registry),
      client_id_(std::move(client_id)),
      leader_(leader.endpoint),
      requests_(registry.meter(stats_name("RequestsPerSec"))),
      bytes_(registry.meter(stats_name("BytesPerSec"))),
      mutex_(node, "fetcher metrics") {}

void FetcherMetrics::close() {
  std::map<TopicPartition, std::shared_ptr<std::atomic<int64_t>>> lags;
  {
    Lock lock(mutex_);
    lags.swap(lags_);
  }
  for (const auto& [partition, lag] : lags) registry_.remove(lag_name(partition));
  registry_.remove(stats_name("RequestsPerSec"));
  registry_.remove(stats_name("BytesPerSec"));
}

MetricName FetcherMetrics::stats_name(const char* name) const {
  return {"kafka.server",
          "FetcherStats",
          name,
          {{"clientId", client_id_},
           {"brokerHost", leader_.host},
           {"brokerPort", std::to_string(leader_.port)}}};
}

MetricName FetcherMetrics::lag_name(const TopicPartition& partition) const {
  return {"kafka.server",
          "FetcherLagMetrics",
          "ConsumerLag",
          {{"clientId", client_id_},
           {"topic", partition.topic},
           {"partition", std::to_string(partition.partition)}}};
}

void FetcherMetrics::set_lag(const TopicPartition& partition, int64_t lag) {
  std::shared_ptr<std::atomic<int64_t>> value;
  {
    Lock lock(mutex_);
    auto& known = lags_[partition];
    if (known != nullptr) return known->store(lag);
    value = known = std::make_shared<std::atomic<int64_t>>(lag);
  }
  registry_.gauge(lag_name(partition), [value] { return static_cast<double>(value->load()); });
}

void FetcherMetrics::forget_lag(const TopicPartition& partition) {
  {
    Lock lock(mutex_);
    if (lags_.erase(partition) == 0) return;
  }
  registry_.remove(lag_name(partition));
}

int64_t FetcherMetrics::max_lag() const {
  Lock lock(mutex_);
  int64_t max = 0;
  for (const auto& [partition, lag] : lags_) max = std::max(max, lag->load());
  return max;
}

}  // namespace kafkascope

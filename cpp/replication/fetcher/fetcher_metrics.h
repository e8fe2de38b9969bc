// The metrics of one fetcher thread: FetcherStats and FetcherLagMetrics.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "clients/cluster.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

/// Kafka's FetcherStats and FetcherLagStats, registered until close(). Any thread may call.
class FetcherMetrics {
 public:
  FetcherMetrics(Node& node, MetricsRegistry& registry, std::string client_id,
                 const BrokerNode& leader);

  /// Takes them out of the registry. Not the destructor's: it takes locks, where a simulated crash
  /// may come.
  void close();
  Meter& requests() { return requests_; }
  Meter& bytes() { return bytes_; }
  void set_lag(const TopicPartition& partition, int64_t lag);
  void forget_lag(const TopicPartition& partition);
  /// Zero when nothing is known of any.
  int64_t max_lag() const;

 private:
  MetricName stats_name(const char* name) const;
  MetricName lag_name(const TopicPartition& partition) const;

  MetricsRegistry& registry_;
  const std::string client_id_;
  const Endpoint leader_;
  Meter& requests_;
  Meter& bytes_;
  mutable Mutex mutex_;
  std::map<TopicPartition, std::shared_ptr<std::atomic<int64_t>>> lags_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

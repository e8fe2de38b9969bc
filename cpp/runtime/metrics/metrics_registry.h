// MetricsRegistry: all metrics of one node under Kafka's names (Kafka's KafkaYammerMetrics).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "runtime/metrics/metric_name.h"
#include "runtime/metrics/timer.h"
#include "runtime/threads.h"

namespace kafkascope {

/// A number that is asked for when someone looks.
using Gauge = std::function<double()>;

/// Any thread may call. The metric that a name gets on first use stays, and its address with it,
/// until remove(). A name used again for another kind of metric is a programmer's error.
class MetricsRegistry {
 public:
  explicit MetricsRegistry(Node& node);

  /// `unit`: see Meter.
  Meter& meter(const MetricName& name, Duration unit = std::chrono::seconds(1));
  Histogram& histogram(const MetricName& name);
  Timer& timer(const MetricName& name);
  /// Replaces an older gauge of that name. `gauge` may lock: it is called without the registry's
  /// own lock.
  void gauge(const MetricName& name, Gauge gauge);
  /// Forgets the metric; afterwards no snapshot calls a gauge any more, so what it reads may go.
  /// Not to be called with a lock held that a gauge takes.
  void remove(const MetricName& name);

  /// MBean attribute names to values: {"Count": 3, "OneMinuteRate": 0.2, ...}, {"Value": 1}.
  using Attributes = std::map<std::string, double>;
  std::map<MetricName, Attributes> snapshot();
  /// The snapshot in Prometheus' text format, under the names of the common JMX exporter rules:
  /// counts and values without suffix, percentiles as quantile="0.99", everything else with the
  /// attribute as suffix.
  std::string prometheus_text();

 private:
  using Metric = std::variant<std::shared_ptr<Meter>, std::shared_ptr<Histogram>,
                              std::shared_ptr<Timer>, std::shared_ptr<Gauge>>;
  template <typename T, typename Make>
  T& find_or_make(const MetricName& name, Make make);

  Node& node_;
  Mutex reading_;  // held while gauges are called; taken before mutex_
  Mutex mutex_;
  std::map<MetricName, Metric> metrics_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

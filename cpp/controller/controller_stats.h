// ControllerStats: the controller's metrics.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

class ControllerContext;

/// Kafka's gauges of kafka.controller:type=KafkaController, for as long as it lives, and the meter
/// of unclean elections.
class ControllerStats {
 public:
  /// Both are called by any thread.
  ControllerStats(MetricsRegistry& metrics, Gauge is_active, Gauge state);
  ~ControllerStats();

  /// Null: this controller is not active.
  void update(const ControllerContext* context);
  static Meter& unclean_leader_elections(MetricsRegistry& metrics);

 private:
  MetricsRegistry& metrics_;
  std::map<std::string, std::atomic<int64_t>> counts_;
};

}  // namespace kafkascope

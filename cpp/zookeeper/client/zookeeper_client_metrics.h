// ZooKeeperClientMetrics: how the session does, and how long requests take.
#pragma once

#include <functional>
#include <map>

#include "runtime/metrics/metrics_registry.h"
#include "zookeeper/zk_types.h"

namespace kafkascope {

/// The metrics of Kafka's ZooKeeperClient and its SessionExpireListener. Any thread may call.
class ZooKeeperClientMetrics {
 public:
  /// `state` is asked for when somebody reads SessionState. It is a word in Kafka; here, where
  /// metrics are numbers, that word's place in ZooKeeper's list: CONNECTING 0, CONNECTED 2,
  /// CLOSED 4, AUTH_FAILED 5.
  ZooKeeperClientMetrics(MetricsRegistry& registry, std::function<zk::KeeperState()> state);
  ~ZooKeeperClientMetrics();

  void on_state(zk::KeeperState state);
  void on_answer(Duration latency);

 private:
  Meter& meter(const char* name);

  MetricsRegistry& registry_;
  Histogram& latency_;
  std::map<zk::KeeperState, Meter*> states_;
};

}  // namespace kafkascope

#include "zookeeper/client/zookeeper_client_metrics.h"

namespace kafkascope {
namespace {

using zk::KeeperState;

MetricName listener_metric(const char* name) {
  return {"kafka.server", "SessionExpireListener", name, {}};
}
MetricName latency_metric() {
  return {"kafka.server", "ZooKeeperClientMetrics", "ZooKeeperRequestLatencyMs", {}};
}

// ZooKeeper.States in its order.
double state_number(KeeperState state) {
  switch (state) {
    case KeeperState::kDisconnected:
      return 0;
    case KeeperState::kSyncConnected:
      return 2;
    case KeeperState::kExpired:
    case KeeperState::kClosed:
      return 4;
    case KeeperState::kAuthFailed:
      return 5;
  }
  return 0;
}

}  // namespace

ZooKeeperClientMetrics::ZooKeeperClientMetrics(MetricsRegistry& registry,
                                               std::function<KeeperState()> state)
    : registry_(registry), latency_(registry.histogram(latency_metric())) {
  states_ = {{KeeperState::kSyncConnected, &meter("ZooKeeperSyncConnectsPerSec")},
             {KeeperState::kDisconnected, &meter("ZooKeeperDisconnectsPerSec")},
             {KeeperState::kExpired, &meter("ZooKeeperExpiresPerSec")},
             {KeeperState::kAuthFailed, &meter("ZooKeeperAuthFailuresPerSec")}};
  // Neither happens to a client that wants to write and does not use SASL.
  meter("ZooKeeperReadOnlyConnectsPerSec");
  meter("ZooKeeperSaslAuthenticationsPerSec");
  registry_.gauge(listener_metric("SessionState"),
                  [state = std::move(state)] { return state_number(state()); });
}

ZooKeeperClientMetrics::~ZooKeeperClientMetrics() {
  registry_.remove(listener_metric("SessionState"));
}

Meter& ZooKeeperClientMetrics::meter(const char* name) {
  return registry_.meter(listener_metric(name));
}

void ZooKeeperClientMetrics::on_state(KeeperState state) {
  if (const auto found = states_.find(state); found != states_.end()) found->second->mark();
}

void ZooKeeperClientMetrics::on_answer(Duration latency) {
  latency_.update(std::chrono::duration_cast<std::chrono::milliseconds>(latency).count());
}

}  // namespace kafkascope

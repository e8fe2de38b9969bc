// ControllerChannelManager: the controller's connections, one queue and thread for each broker.
#pragma once

#include <map>
#include <memory>

#include "controller/request_send_thread.h"
#include "metadata/broker.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

/// Kafka's ControllerChannelManager. The controller's event thread alone adds, removes and sends;
/// metrics may look on from any thread.
class ControllerChannelManager : public ControlRequestSender {
 public:
  ControllerChannelManager(Node& node, const ControllerConfig& config, MetricsRegistry& metrics,
                           ControlResponseHandler handler);
  ~ControllerChannelManager() override;

  /// One that is there already stays.
  void add_broker(const Broker& broker);
  /// What was not answered is dropped; waits for its thread.
  void remove_broker(BrokerId id);
  void shutdown();

  /// Queues it; dropped, with a warning, when the broker is not here.
  void send(ControlRequest request) override;
  /// Requests that wait, by broker.
  std::map<BrokerId, size_t> queue_sizes();

 private:
  Node& node_;
  const ControllerConfig& config_;
  MetricsRegistry& metrics_;
  const ControlResponseHandler handler_;
  Mutex mutex_;
  std::map<BrokerId, std::unique_ptr<RequestSendThread>> threads_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

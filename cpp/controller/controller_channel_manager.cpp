#include "controller/controller_channel_manager.h"

#include "common/logging.h"

namespace kafkascope {
namespace {

MetricName channel_metric(const char* name) {
  return {"kafka.controller", "ControllerChannelManager", name, {}};
}

MetricName channel_metric(const char* name, BrokerId broker) {
  return {"kafka.controller",
          "ControllerChannelManager",
          name,
          {{"broker-id", std::to_string(broker)}}};
}

}  // namespace

ControllerChannelManager::ControllerChannelManager(Node& node, const ControllerConfig& config,
                                                   MetricsRegistry& metrics,
                                                   ControlResponseHandler handler)
    : node_(node),
      config_(config),
      metrics_(metrics),
      handler_(std::move(handler)),
      mutex_(node, "controller channels") {
  metrics_.gauge(channel_metric("TotalQueueSize"), [this] {
    size_t total = 0;
    for (const auto& [broker, size] : queue_sizes()) total += size;
    return static_cast<double>(total);
  });
}

ControllerChannelManager::~ControllerChannelManager() {
  metrics_.remove(channel_metric("TotalQueueSize"));
}

void ControllerChannelManager::add_broker(const Broker& broker) {
  const BrokerListener* listener = broker.find_listener(config_.inter_broker_listener);
  if (listener == nullptr) {
    KS_LOG(kError, node_.name(), "broker {} has no listener {}: it will hear nothing", broker.id,
           config_.inter_broker_listener);
    return;
  }
  const BrokerId id = broker.id;
  {
    Lock lock(mutex_);
    if (threads_.count(id) > 0) return;
  }
  Timer& rate = metrics_.timer(channel_metric("RequestRateAndQueueTimeMs", id));
  auto thread = std::make_unique<RequestSendThread>(
      node_, config_, BrokerNode{id, listener->endpoint, broker.rack}, rate, handler_);
  metrics_.gauge(channel_metric("QueueSize", id),
                 [thread = thread.get()] { return static_cast<double>(thread->queue_size()); });
  thread->start();
  Lock lock(mutex_);
  threads_[id] = std::move(thread);
}

void ControllerChannelManager::remove_broker(BrokerId id) {
  std::unique_ptr<RequestSendThread> thread;
  {
    Lock lock(mutex_);
    const auto found = threads_.find(id);
    if (found == threads_.end()) return;
    thread = std::move(found->second);
    threads_.erase(found);
  }
  metrics_.remove(channel_metric("QueueSize", id));
  thread->shutdown();
  metrics_.remove(channel_metric("RequestRateAndQueueTimeMs", id));
}

void ControllerChannelManager::shutdown() {
  for (const auto& [id, size] : queue_sizes()) remove_broker(id);
}

void ControllerChannelManager::send(ControlRequest request) {
  Lock lock(mutex_);
  const auto found = threads_.find(request.broker);
  if (found == threads_.end()) {
    KS_LOG(kWarn, node_.name(), "{} not sent to broker {}: it is offline", request.name(),
           request.broker);
    return;
  }
  found->second->send(std::move(request));
}

std::map<BrokerId, size_t> ControllerChannelManager::queue_sizes() {
  Lock lock(mutex_);
  std::map<BrokerId, size_t> sizes;
  for (const auto& [id, thread] : threads_) sizes[id] = thread->queue_size();
  return sizes;
}

}  // namespace kafkascope

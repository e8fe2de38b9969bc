#include "server/kafka_request_handler.h"

#include <fmt/core.h>

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

constexpr Duration kPollTimeout = std::chrono::milliseconds(300);

}  // namespace

KafkaRequestHandler::KafkaRequestHandler(Node& node, int id, RequestChannel& channel,
                                         KafkaApis& apis, Meter& idle,
                                         const std::atomic<int>& pool_size)
    : Worker(node, fmt::format("request-handler-{}", id)),
      channel_(channel),
      apis_(apis),
      idle_(idle),
      pool_size_(pool_size) {}

void KafkaRequestHandler::do_work() {
  const Instant before = node_.clock().monotonic();
  const std::shared_ptr<Request> request = channel_.receive_request(before + kPollTimeout);
  idle_.mark((node_.clock().monotonic() - before).count() / pool_size_.load());
  if (request != nullptr) apis_.handle(request);
}

KafkaRequestHandlerPool::KafkaRequestHandlerPool(Node& node, RequestChannel& channel,
                                                 KafkaApis& apis, MetricsRegistry& metrics)
    : node_(node),
      channel_(channel),
      apis_(apis),
      idle_(metrics.meter(
          {"kafka.server", "KafkaRequestHandlerPool", "RequestHandlerAvgIdlePercent", {}},
          std::chrono::nanoseconds(1))),
      mutex_(node, "request handler pool") {}

void KafkaRequestHandlerPool::resize(int threads) {
  Lock lock(mutex_);
  if (closed_) return;  // a request for more was the last one
  const auto wanted = static_cast<size_t>(threads);
  size_ = threads;
  while (handlers_.size() > wanted) {
    handlers_.back()->initiate_shutdown();
    retired_.push_back(std::move(handlers_.back()));
    handlers_.pop_back();
  }
  while (handlers_.size() < wanted) {
    const auto id = static_cast<int>(handlers_.size());
    handlers_.push_back(
        std::make_shared<KafkaRequestHandler>(node_, id, channel_, apis_, idle_, size_));
    handlers_.back()->start();
  }
}

void KafkaRequestHandlerPool::shutdown() {
  std::vector<std::shared_ptr<KafkaRequestHandler>> all;
  {
    Lock lock(mutex_);
    closed_ = true;
    all = retired_;
    all.insert(all.end(), handlers_.begin(), handlers_.end());
  }
  for (const auto& handler : all) handler->initiate_shutdown();
  for (const auto& handler : all) handler->await_shutdown();
}

}  // namespace kafkascope

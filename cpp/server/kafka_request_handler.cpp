#include "server/kafka_request_handler.h"

#include <fmt/core.h>

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

constexpr Duration kPollTimeout = std::chrono::milliseconds(300);

}  // namespace

KafkaRequestHandler::KafkaRequestHandler(Node& node, int id, RequestChannel& channel,
                                         KafkaApis& apis, Meter& idle)
    : Worker(node, fmt::format("request-handler-{}", id)),
      channel_(channel),
      apis_(apis),
      idle_(idle) {}

void KafkaRequestHandler::do_work() {
  const Instant before = node_.clock().monotonic();
  const std::shared_ptr<Request> request = channel_.receive_request(before + kPollTimeout);
  idle_.mark((node_.clock().monotonic() - before).count());
  if (request != nullptr) apis_.handle(request);
}

KafkaRequestHandlerPool::KafkaRequestHandlerPool(Node& node, int threads, RequestChannel& channel,
                                                 KafkaApis& apis, MetricsRegistry& metrics) {
  Meter& idle = metrics.meter(
      {"kafka.server", "KafkaRequestHandlerPool", "RequestHandlerAvgIdlePercent", {}});
  for (int id = 0; id < threads; ++id) {
    handlers_.push_back(std::make_unique<KafkaRequestHandler>(node, id, channel, apis, idle));
  }
}

void KafkaRequestHandlerPool::start() {
  for (const auto& handler : handlers_) handler->start();
}

void KafkaRequestHandlerPool::shutdown() {
  for (const auto& handler : handlers_) handler->initiate_shutdown();
  for (const auto& handler : handlers_) handler->await_shutdown();
}

}  // namespace kafkascope

#include "controller/request_send_thread.h"

#include "common/logging.h"

namespace kafkascope {
namespace {

constexpr Duration kBackoff = std::chrono::milliseconds(100);

std::string thread_name(const ControllerConfig& config, const BrokerNode& broker) {
  return fmt::format("Controller-{}-to-broker-{}-send-thread", config.broker_id, broker.id);
}

CommonClientConfig client_config(const ControllerConfig& config) {
  CommonClientConfig client = config.inter_broker_client;
  client.client_id = std::to_string(config.broker_id);
  return client;
}

}  // namespace

RequestSendThread::RequestSendThread(Node& node, const ControllerConfig& config, BrokerNode broker,
                                     Timer& rate, ControlResponseHandler handler)
    : Worker(node, thread_name(config, broker)),
      config_(config),
      sender_(node, client_config(config), std::move(broker)),
      rate_and_queue_time_(rate),
      handler_(std::move(handler)),
      queue_(node, "controller requests"),
      mutex_(node, "send thread"),
      stopping_(node, "send thread") {}

void RequestSendThread::send(ControlRequest request) {
  (void)queue_.put({std::move(request), node_.clock().monotonic()});
}

void RequestSendThread::do_work() {
  const std::optional<QueueItem> item = queue_.take();
  if (!item.has_value()) return;
  rate_and_queue_time_.update(node_.clock().monotonic() - item->enqueued);
  const ControlRequest& request = item->request;
  for (int attempt = 1; is_running(); ++attempt) {
    const ClientResponse response = send_once(request);
    if (!response.failure.has_value()) {
      KS_TRACE(node_, "ControlRequestAnswered", {"broker", request.broker},
               {"api", std::string(request.name())});
      return handler_(request, response);
    }
    if (attempt == 1 && is_running()) {
      KS_LOG(kWarn, node_.name(), "{} to {} failed, to be sent again: {}", request.name(),
             sender_.target().to_string(), response.failure->message);
    }
    back_off();
  }
}

ClientResponse RequestSendThread::send_once(const ControlRequest& request) {
  KS_TRACE(node_, "ControlRequestSent", {"broker", request.broker},
           {"api", std::string(request.name())}, {"version", request.version});
  auto body = std::visit(
      [&](const auto& message) {
        return make_request(message, {}, request.version, request.version);
      },
      request.message);
  return sender_.send(std::move(body), config_.controller_socket_timeout);
}

void RequestSendThread::back_off() {
  const Instant end = node_.clock().monotonic() + kBackoff;
  Lock lock(mutex_);
  (void)stopping_.wait_until(lock, end, [this] { return !is_running(); });
}

void RequestSendThread::wakeup() {
  queue_.close();
  sender_.initiate_close();
  Lock lock(mutex_);
  stopping_.notify_all();
}

}  // namespace kafkascope

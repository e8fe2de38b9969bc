#include "server/broker_to_controller_channel_manager.h"

namespace kafkascope {
namespace {

/// One of several attempts with the same body.
class SharedBody : public RequestBody {
 public:
  explicit SharedBody(std::shared_ptr<RequestBody> body)
      : RequestBody(body->api(), body->lowest_version(), body->highest_version()),
        body_(std::move(body)) {}
  protocol::MessageWriter encode(int16_t version, int32_t correlation_id,
                                 const std::string& client_id) override {
    return body_->encode(version, correlation_id, client_id);
  }

 private:
  const std::shared_ptr<RequestBody> body_;
};

}  // namespace

BrokerToControllerChannelManager::BrokerToControllerChannelManager(Node& node,
                                                                   const ReplicationConfig& config,
                                                                   MetadataCache& metadata)
    : Worker(node, "broker-" + std::to_string(config.broker_id) + "-to-controller-send-thread"),
      config_(config),
      metadata_(metadata),
      mutex_(node, "controller channel"),
      changed_(node, "controller channel") {}

BrokerToControllerChannelManager::~BrokerToControllerChannelManager() { shutdown(); }

void BrokerToControllerChannelManager::send(std::unique_ptr<RequestBody> body,
                                            RequestCompletionHandler callback) {
  Lock lock(mutex_);
  queue_.push_back({std::move(body), std::move(callback)});
  changed_.notify_all();
}

void BrokerToControllerChannelManager::wakeup() {
  Lock lock(mutex_);
  if (sender_ != nullptr) sender_->initiate_close();
  changed_.notify_all();
}

std::optional<BrokerToControllerChannelManager::Item> BrokerToControllerChannelManager::next() {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue_.empty() || !is_running(); });
  if (!is_running()) return std::nullopt;
  return queue_.front();
}

std::shared_ptr<BlockingSender> BrokerToControllerChannelManager::sender() {
  const auto metadata = metadata_.current();
  const auto found = metadata->brokers.find(metadata->controller_id);
  if (found == metadata->brokers.end()) return nullptr;
  const BrokerListener* listener = found->second.find_listener(config_.inter_broker_listener);
  if (listener == nullptr) return nullptr;
  const BrokerNode target{found->first, listener->endpoint, found->second.rack};
  Lock lock(mutex_);
  if (sender_ == nullptr || !(sender_->target() == target))
    sender_ = std::make_shared<BlockingSender>(node_, config_.inter_broker_client, target);
  if (!is_running()) sender_->initiate_close();
  return sender_;
}

ClientResponse BrokerToControllerChannelManager::try_once(const Item& item) {
  if (const auto to = sender()) {
    return to->send(std::make_unique<SharedBody>(item.body),
                    config_.inter_broker_client.request_timeout);
  }
  ClientResponse response;
  response.failure = Error{ErrorCode::kNetworkException, "no controller is known"};
  return response;
}

void BrokerToControllerChannelManager::do_work() {
  const std::optional<Item> item = next();
  if (!item) return;
  const ClientResponse response = try_once(*item);
  if (response.disconnected()) return back_off();
  {
    Lock lock(mutex_);
    queue_.pop_front();
  }
  item->callback(response);
}

void BrokerToControllerChannelManager::back_off() {
  Lock lock(mutex_);
  const Instant until = node_.clock().monotonic() + config_.inter_broker_client.retry_backoff;
  (void)changed_.wait_until(lock, until, [&] { return !is_running(); });
}

}  // namespace kafkascope

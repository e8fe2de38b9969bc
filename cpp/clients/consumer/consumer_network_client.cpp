#include "clients/consumer/consumer_network_client.h"

#include "clients/wakeup_exception.h"

namespace kafkascope {

ConsumerNetworkClient::ConsumerNetworkClient(Node& node, const CommonClientConfig& config,
                                             Metadata& metadata, int32_t max_in_flight)
    : node_(node),
      config_(config),
      metadata_(metadata),
      client_(node, config, metadata, max_in_flight) {}

RequestFuture<ClientResponse> ConsumerNetworkClient::send(const BrokerNode& broker,
                                                          std::unique_ptr<RequestBody> body) {
  RequestFuture<ClientResponse> future;
  const Instant now = node_.clock().monotonic();
  ClientRequest request = client_.new_request(
      broker.id, std::move(body),
      [future](const ClientResponse& response) {
        if (response.failure.has_value())
          future.complete(*response.failure);
        else
          future.complete(response);
      },
      now);
  unsent_[broker.id].push_back(Unsent{broker, std::move(request), future});
  return future;
}

RequestFuture<ClientResponse> ConsumerNetworkClient::send_to_any(
    std::unique_ptr<RequestBody> body) {
  if (const BrokerNode* broker = client_.least_loaded_node(node_.clock().monotonic());
      broker != nullptr) {
    return send(*broker, std::move(body));
  }
  RequestFuture<ClientResponse> future;
  future.complete(Error{ErrorCode::kNetworkException, "no broker can be reached now"});
  return future;
}

void ConsumerNetworkClient::poll(Instant deadline, const std::function<bool()>& done) {
  throw_if_woken();
  poll_once(deadline, done);
  throw_if_woken();
}

void ConsumerNetworkClient::poll_no_wakeup() { poll_once(node_.clock().monotonic(), {}); }

void ConsumerNetworkClient::poll_once(Instant deadline, const std::function<bool()>& done) {
  const Instant now = node_.clock().monotonic();
  const Duration until_ready = try_send(now);
  Duration wait =
      deadline == kForever ? Duration::max() : std::max(Duration::zero(), deadline - now);
  if (done && done()) wait = Duration::zero();
  wait = std::min(wait, until_ready);
  // Nothing under way to be woken by: look again after the backoff.
  if (!client_.has_in_flight()) wait = std::min<Duration>(wait, config_.retry_backoff);
  client_.poll(wait, now);
  const Instant after = node_.clock().monotonic();
  (void)try_send(after);
  fail_unreachable(after);
}

Duration ConsumerNetworkClient::try_send(Instant now) {
  Duration until_ready = Duration::max();
  for (auto& [id, queue] : unsent_) {
    while (!queue.empty() && client_.ready(queue.front().broker, now)) {
      ClientRequest request = std::move(queue.front().request);
      queue.pop_front();
      client_.send(std::move(request), now);
    }
    if (!queue.empty()) until_ready = std::min(until_ready, client_.connection_delay(id, now));
  }
  return until_ready;
}

void ConsumerNetworkClient::fail_unreachable(Instant now) {
  std::vector<BrokerId> unreachable;
  for (auto& [id, queue] : unsent_) {
    if (queue.empty()) continue;
    if (client_.connection_failed(id))
      unreachable.push_back(id);
    else if (now - queue.front().request.created >= config_.request_timeout)
      unreachable.push_back(id);
  }
  for (const BrokerId id : unreachable) {
    const std::string why = client_.report().explain();
    fail_queue(id, {ErrorCode::kNetworkException, "no connection to broker " + std::to_string(id) +
                                                      (why.empty() ? "" : ": " + why)});
  }
  std::erase_if(unsent_, [](const auto& entry) { return entry.second.empty(); });
}

void ConsumerNetworkClient::fail_queue(BrokerId id, const Error& error) {
  std::deque<Unsent> failed;
  failed.swap(unsent_[id]);
  for (const Unsent& unsent : failed) unsent.future.complete(error);
}

bool ConsumerNetworkClient::await_metadata_update(Instant deadline) {
  const int64_t version = metadata_.request_update();
  while (metadata_.update_version() == version && node_.clock().monotonic() < deadline) {
    poll(deadline, [&] { return metadata_.update_version() != version; });
    metadata_.maybe_throw();
  }
  return metadata_.update_version() != version;
}

bool ConsumerNetworkClient::ensure_fresh_metadata(Instant deadline) {
  if (!metadata_.update_requested()) return true;
  return await_metadata_update(deadline);
}

bool ConsumerNetworkClient::has_pending(BrokerId id) const {
  const auto found = unsent_.find(id);
  return client_.has_in_flight(id) || (found != unsent_.end() && !found->second.empty());
}

bool ConsumerNetworkClient::has_pending() const {
  return client_.has_in_flight() || !unsent_.empty();
}

bool ConsumerNetworkClient::is_unavailable(BrokerId id) const {
  return client_.is_blacked_out(id, node_.clock().monotonic());
}

void ConsumerNetworkClient::wakeup() {
  woken_.store(true, std::memory_order_release);
  client_.wakeup();
}

void ConsumerNetworkClient::throw_if_woken() {
  if (woken_.exchange(false, std::memory_order_acq_rel)) throw WakeupException();
}

void ConsumerNetworkClient::close() { client_.close(); }

}  // namespace kafkascope

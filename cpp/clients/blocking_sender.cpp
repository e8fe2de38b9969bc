#include "clients/blocking_sender.h"

#include <fmt/core.h>

#include <atomic>

#include "clients/network_client.h"

namespace kafkascope {
namespace {

/// Knows no cluster and is never due: the target is all that is ever connected.
class NoMetadata : public Metadata {
 public:
  explicit NoMetadata(Node& node) : Metadata(node, Duration(1), Duration(1), kForever) {}
  Duration time_to_next_update(Instant) const override { return kForever; }

 private:
  MetadataRequestTopics next_topics(Instant, bool) override { return {}; }
  bool retain_topic(const std::string&, bool, Instant) override { return false; }
};

}  // namespace

class BlockingSender::Impl {
 public:
  Impl(Node& node, const CommonClientConfig& config, BrokerNode target)
      : target_(std::move(target)),
        node_(node),
        metadata_(node),
        client_(node, config, metadata_, 1) {}

  ClientResponse send(std::unique_ptr<RequestBody> body, Duration timeout) {
    const Instant deadline = deadline_after(now(), timeout);
    const protocol::ApiKey api = body->api();
    answer_.reset();
    std::optional<std::string> failure = connect(deadline);
    if (!failure.has_value()) failure = exchange(std::move(body), deadline);
    if (failure.has_value()) drop_connection();
    ClientResponse response = answer_.value_or(ClientResponse{});
    if (!failure.has_value()) return response;
    response.api = api;
    response.destination = target_.id;
    response.failure = Error{
        ErrorCode::kNetworkException,
        fmt::format("{} to {}: {}", protocol::api_info(api).camel, target_.to_string(), *failure)};
    return response;
  }

  void initiate_close() {
    closing_.store(true, std::memory_order_release);
    client_.wakeup();
  }

  void close() {
    initiate_close();
    client_.close();
  }

  const BrokerNode target_;

 private:
  Instant now() { return node_.clock().monotonic(); }
  std::optional<std::string> connect(Instant deadline);
  std::optional<std::string> exchange(std::unique_ptr<RequestBody> body, Instant deadline);
  std::optional<std::string> must_stop(Instant deadline);
  void drop_connection();
  std::string last_connection_error() const;

  Node& node_;
  NoMetadata metadata_;
  NetworkClient client_;
  std::optional<ClientResponse> answer_;  // to the request under way
  std::atomic<bool> closing_{false};
};

// One attempt, after what is left of the backoff. Empty: connected; else why not.
std::optional<std::string> BlockingSender::Impl::connect(Instant deadline) {
  client_.poll(Duration::zero(), now());  // a connection that ended meanwhile shows here
  for (bool tried = false;;) {
    if (tried && client_.connection_failed(target_.id)) return last_connection_error();
    if (auto reason = must_stop(deadline)) return reason;
    const Instant at = now();
    Duration wait = deadline - at;
    if (client_.is_blacked_out(target_.id, at)) {
      wait = std::min(wait, client_.connection_delay(target_.id, at));
    } else {
      if (client_.ready(target_, at)) return std::nullopt;
      tried = true;
      if (client_.connection_failed(target_.id)) continue;
    }
    client_.poll(wait, at);
  }
}

std::optional<std::string> BlockingSender::Impl::exchange(std::unique_ptr<RequestBody> body,
                                                          Instant deadline) {
  ClientRequest request = client_.new_request(
      target_.id, std::move(body), [this](const ClientResponse& response) { answer_ = response; },
      now());
  request.timeout = kForever;  // the deadline is kept here
  client_.send(std::move(request), now());
  while (!answer_.has_value()) {
    if (auto reason = must_stop(deadline)) return reason;
    const Instant at = now();
    client_.poll(deadline - at, at);
  }
  return std::nullopt;
}

std::optional<std::string> BlockingSender::Impl::must_stop(Instant deadline) {
  if (closing_.load(std::memory_order_acquire)) return "the sender was closed";
  if (now() >= deadline) return "no answer in time";
  return std::nullopt;
}

// The request under way is answered with its failure, so that nothing of it is left.
void BlockingSender::Impl::drop_connection() {
  client_.disconnect(target_.id, now());
  client_.poll(Duration::zero(), now());
}

std::string BlockingSender::Impl::last_connection_error() const {
  for (const NodeConnection& connection : client_.report().connections()) {
    if (connection.node.id == target_.id) return connection.last_error;
  }
  return "not connected";
}

BlockingSender::BlockingSender(Node& node, const CommonClientConfig& config, BrokerNode target)
    : impl_(std::make_unique<Impl>(node, config, std::move(target))) {}
BlockingSender::~BlockingSender() = default;

ClientResponse BlockingSender::send(std::unique_ptr<RequestBody> body, Duration timeout) {
  return impl_->send(std::move(body), timeout);
}
void BlockingSender::initiate_close() { impl_->initiate_close(); }
void BlockingSender::close() { impl_->close(); }
const BrokerNode& BlockingSender::target() const { return impl_->target_; }

}  // namespace kafkascope

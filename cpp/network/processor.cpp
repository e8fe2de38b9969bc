#include "network/processor.h"

#include <fmt/core.h>

#include "common/errors.h"
#include "common/logging.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

constexpr size_t kConnectionQueueSize = 20;
constexpr Duration kPollTimeout = std::chrono::milliseconds(300);

}  // namespace

Processor::Processor(Node& node, int id, std::string listener_name,
                     const SocketServerConfig& config, RequestChannel& channel,
                     ConnectionQuotas& quotas, std::shared_ptr<MemoryPool> memory_pool,
                     MetricsRegistry& metrics)
    : Worker(node, fmt::format("processor-{}", id)),
      id_(id),
      listener_name_(std::move(listener_name)),
      channel_(channel),
      quotas_(quotas),
      malformed_(metrics.meter({"kafka.network", "SocketServer", "MalformedRequestsPerSec", {}})),
      selector_(node, {config.socket_request_max_bytes, config.connections_max_idle,
                       std::move(memory_pool)}),
      new_connections_(node, "new connections", kConnectionQueueSize),
      responses_(node, "responses") {
  channel_.add_processor(id_, this);
}

Processor::~Processor() { channel_.remove_processor(id_); }

bool Processor::accept(std::unique_ptr<Connection> connection) {
  const bool taken = new_connections_.put(std::move(connection));
  selector_.wakeup();
  return taken;
}

void Processor::enqueue_response(Response response) {
  responses_.put(std::move(response));
  selector_.wakeup();
}

void Processor::do_work() {
  configure_new_connections();
  process_new_responses();
  selector_.poll(node_.clock().monotonic() + kPollTimeout);
  process_completed_receives();
  process_completed_sends();
  process_disconnected();
  connection_count_.store(static_cast<int>(clients_.size()), std::memory_order_relaxed);
}

void Processor::on_stopped() {
  new_connections_.close();
  responses_.close();
  while (auto connection = new_connections_.try_take())
    quotas_.remove((*connection)->peer_endpoint().host);
  while (!clients_.empty())
    drop(std::string(clients_.begin()->first), "the broker stops", Cause::kOurs);
}

void Processor::configure_new_connections() {
  while (std::optional<std::unique_ptr<Connection>> taken = new_connections_.try_take()) {
    Connection& connection = **taken;
    const Endpoint peer = connection.peer_endpoint();
    const std::string id = fmt::format("{}-{}-{}", connection.local_endpoint().to_string(),
                                       peer.to_string(), next_index_++);
    KS_TRACE(node_, "ConnectionAccepted", {"connection", id});
    clients_[id] = {peer, nullptr};
    selector_.register_channel(id, std::move(*taken));
  }
}

void Processor::process_new_responses() {
  while (std::optional<Response> taken = responses_.try_take()) {
    const std::string& id = taken->request->connection_id;
    const auto found = clients_.find(id);
    if (found == clients_.end()) continue;  // it hung up while its request was handled
    switch (taken->kind) {
      case Response::Kind::kSend:
        found->second.in_flight = taken->request;
        selector_.send(NetworkSend(id, std::move(taken->parts)));
        break;
      case Response::Kind::kNoOp:
        channel_.record_metrics(*taken->request, node_.clock().monotonic());
        selector_.unmute(id);
        break;
      case Response::Kind::kCloseConnection:
        drop(std::string(id), "asked for by the handler", Cause::kOurs);
        break;
    }
  }
}

void Processor::process_completed_receives() {
  for (Selector::Receive& receive : selector_.completed_receives()) {
    if (clients_.contains(receive.channel)) handle_frame(receive.channel, std::move(receive.frame));
  }
}

void Processor::handle_frame(const std::string& id, SharedSlice frame) {
  auto request = std::make_shared<Request>();
  try {
    request->parsed = protocol::parse_request_header(frame);
  } catch (const KafkaException& e) {
    return drop(id, fmt::format("bad request: {}", e.what()), Cause::kClient);
  }
  request->processor = id_;
  request->connection_id = id;
  request->listener_name = listener_name_;
  request->client = clients_[id].address;
  request->frame = std::move(frame);
  request->received = node_.clock().monotonic();
  KS_TRACE(node_, "RequestReceived", {"connection", id},
           {"api", std::string(request->parsed.api->name)},
           {"version", int64_t{request->version()}},
           {"correlation_id", int64_t{request->parsed.header.correlation_id}});
  selector_.mute(id);
  channel_.send_request(std::move(request));
}

void Processor::process_completed_sends() {
  for (const std::string& id : selector_.completed_sends()) {
    const auto found = clients_.find(id);
    if (found == clients_.end() || found->second.in_flight == nullptr) continue;
    const std::shared_ptr<Request> request = std::move(found->second.in_flight);
    channel_.record_metrics(*request, node_.clock().monotonic());
    KS_TRACE(node_, "ResponseSent", {"connection", id},
             {"api", std::string(request->parsed.api->name)},
             {"correlation_id", int64_t{request->parsed.header.correlation_id}});
    selector_.unmute(id);
  }
}

void Processor::process_disconnected() {
  for (const auto& [id, reason] : selector_.disconnected()) {
    if (clients_.contains(id))
      forget(id, reason, selector_.malformed().contains(id) ? Cause::kClient : Cause::kNetwork);
  }
}

void Processor::drop(const std::string& id, const std::string& reason, Cause cause) {
  selector_.close(id);
  forget(id, reason, cause);
}

/// One line for a client that did wrong. That peers come and go is everyday life, and what this
/// broker decided was told where it was decided.
void Processor::forget(const std::string& id, const std::string& reason, Cause cause) {
  const auto found = clients_.find(id);
  if (cause == Cause::kClient) {
    malformed_.mark();
    KS_LOG(kWarn, node_.name(), "closing connection {}: {}", id, reason);
  } else {
    KS_LOG(kDebug, node_.name(), "connection {}: {}", id, reason);
  }
  KS_TRACE(node_, "ConnectionClosed", {"connection", id}, {"reason", reason});
  quotas_.remove(found->second.address.host);
  clients_.erase(found);
}

}  // namespace kafkascope

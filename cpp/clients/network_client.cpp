#include "clients/network_client.h"

#include <fmt/core.h>

#include <algorithm>

#include "clients/metadata_response.h"
#include "common/byte_reader.h"
#include "common/logging.h"
#include "network/selector.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"

namespace kafkascope {
namespace {

// Connections are named by the broker's id.
std::string connection_id(BrokerId id) { return std::to_string(id); }
BrokerId broker_id(const std::string& connection) { return std::stoi(connection); }

constexpr int16_t kUnsupportedVersionCode = static_cast<int16_t>(ErrorCode::kUnsupportedVersion);

// A broker that does not know the version asked for answers at version 0 (KIP-511).
Result<protocol::ApiVersionsResponse> decode_api_versions(ClientResponse response) {
  if (!response.failure.has_value() && response.body.size() >= 2 &&
      ByteReader(response.body.view()).read_int16() == kUnsupportedVersionCode) {
    response.version = 0;
  }
  return response.decode<protocol::ApiVersionsResponse>();
}

}  // namespace

NetworkClient::NetworkClient(Node& node, const CommonClientConfig& config, Metadata& metadata,
                             int32_t max_in_flight)
    : node_(node),
      config_(config),
      metadata_(metadata),
      selector_(std::make_unique<Selector>(
          node, SelectorConfig{.max_receive_size = INT32_MAX,
                               .connections_max_idle = config.connections_max_idle})),

      states_(config, node.random().stream("reconnect backoff")),
      in_flight_(node, max_in_flight),
      report_(node),
      random_(node.random().stream("least loaded node")),
      cluster_(metadata.fetch()) {}

NetworkClient::~NetworkClient() = default;

bool NetworkClient::can_send(BrokerId id, Instant now) const {
  if (!states_.is_ready(id, now) || !in_flight_.can_send_more(id)) return false;
  const KafkaChannel* channel = selector_->find(connection_id(id));
  return channel != nullptr && !channel->send.has_value();  // one frame at a time
}

bool NetworkClient::is_ready(BrokerId id, Instant now) const {
  // Nothing else goes out while metadata is overdue: fresh leaders save requests that would be
  // refused.
  return !(metadata_.time_to_next_update(now) == Duration::zero() && !metadata_in_progress_) &&
         can_send(id, now);
}

bool NetworkClient::ready(const BrokerNode& broker, Instant now) {
  if (is_ready(broker.id, now)) return true;
  if (states_.can_connect(broker.id, now)) initiate_connect(broker, now);
  return false;
}

bool NetworkClient::connection_failed(BrokerId id) const {
  return states_.state(id) == ConnectionState::kDisconnected &&
         states_.last_attempt(id) > Instant{};
}

void NetworkClient::throttle(BrokerId id, int32_t throttle_ms, Instant now) {
  if (throttle_ms > 0) states_.throttle(id, now + Milliseconds(throttle_ms));
}

const NodeApiVersions* NetworkClient::api_versions(BrokerId id) const {
  const auto found = api_versions_.find(id);
  return found == api_versions_.end() ? nullptr : &found->second;
}

void NetworkClient::initiate_connect(const BrokerNode& broker, Instant now) {
  report_.connecting(broker);
  KS_TRACE(node_, "ConnectionInitiated", {"broker", int64_t{broker.id}},
           {"address", broker.endpoint.to_string()});
  const std::vector<std::string> addresses = node_.network().resolve(broker.endpoint.host);
  const std::string host = states_.connecting(broker.id, now, broker.endpoint.host, addresses);
  try {
    if (addresses.empty()) {
      throw KafkaException(ErrorCode::kNetworkException,
                           "the host name " + broker.endpoint.host + " does not resolve");
    }
    selector_->close(connection_id(broker.id));
    selector_->connect(connection_id(broker.id), Endpoint{host, broker.endpoint.port});
  } catch (const KafkaException& failure) {
    connection_lost(broker.id, failure.what(), now);
  }
}

ClientRequest NetworkClient::new_request(BrokerId destination, std::unique_ptr<RequestBody> body,
                                         RequestCompletionHandler callback, Instant now) {
  ClientRequest request;
  request.destination = destination;
  request.body = std::move(body);
  request.correlation_id = correlation_++;
  if (correlation_ < 0) correlation_ = 0;
  request.created = now;
  request.timeout = config_.request_timeout;
  request.callback = std::move(callback);
  return request;
}

void NetworkClient::send(ClientRequest request, Instant now) {
  KS_CHECK(can_send(request.destination, now), "send to a broker that is not ready");
  const NodeApiVersions* versions = api_versions(request.destination);
  KS_CHECK(versions != nullptr, "ready without known versions");
  const RequestBody& body = *request.body;
  try {
    const int16_t version =
        versions->latest_usable_version(body.api(), body.lowest_version(), body.highest_version());
    do_send(request, false, version, now);
  } catch (const KafkaException& refused) {
    ClientResponse response;
    response.api = body.api();
    response.destination = request.destination;
    response.created = request.created;
    response.received = now;
    response.failure = Error{refused.code(), refused.what()};
    completed_.emplace_back(std::move(request.callback), std::move(response));
  }
}

void NetworkClient::do_send(ClientRequest& request, bool internal, int16_t version, Instant now) {
  protocol::MessageWriter frame =
      request.body->encode(version, request.correlation_id, config_.client_id);
  InFlightRequest in_flight;
  in_flight.destination = request.destination;
  in_flight.api = request.body->api();
  in_flight.version = version;
  in_flight.correlation_id = request.correlation_id;
  in_flight.expects_response = request.expects_response;
  in_flight.internal = internal;
  in_flight.created = request.created;
  in_flight.sent = now;
  in_flight.timeout = request.timeout;
  in_flight.size_bytes = frame.size();
  in_flight.callback = std::move(request.callback);
  KS_TRACE(node_, "RequestSent", {"api", std::string(protocol::api_info(in_flight.api).camel)},
           {"version", int64_t{version}}, {"broker", int64_t{request.destination}},
           {"correlation_id", int64_t{request.correlation_id}},
           {"bytes", static_cast<int64_t>(frame.size())});
  in_flight_.add(std::move(in_flight));
  selector_->send(NetworkSend(connection_id(request.destination), frame.take()));
}

void NetworkClient::poll(Duration timeout, Instant now) {
  const Duration metadata_wait = maybe_update_metadata(now);
  Duration wait = std::min(timeout, metadata_wait);
  if (!completed_.empty()) wait = Duration::zero();
  const Instant expiry = std::min(in_flight_.next_expiry(), states_.next_setup_expiry());
  if (expiry != kForever) wait = std::min(wait, std::max(Duration::zero(), expiry - now));
  selector_->poll(deadline_after(now, wait));
  const Instant after = node_.clock().monotonic();
  handle_completed_sends(after);
  handle_completed_receives(after);
  handle_disconnections(after);
  handle_connections();
  handle_timeouts(after);
  complete_responses();
}

void NetworkClient::complete_responses() {
  std::vector<std::pair<RequestCompletionHandler, ClientResponse>> completed;
  completed.swap(completed_);
  for (auto& [callback, response] : completed) {
    if (callback) callback(response);
  }
}

void NetworkClient::handle_completed_sends(Instant now) {
  for (const std::string& id : selector_->completed_sends()) {
    const BrokerId broker = broker_id(id);
    if (in_flight_.last_sent_expects_response(broker)) continue;
    InFlightRequest request = in_flight_.complete_last_sent(broker);
    completed_.emplace_back(std::move(request.callback), request.response(now));
  }
}

void NetworkClient::handle_completed_receives(Instant now) {
  for (const Selector::Receive& receive : selector_->completed_receives()) {
    const BrokerId broker = broker_id(receive.channel);
    try {
      handle_receive(broker, receive.frame, now);
    } catch (const KafkaException& malformed) {
      KS_LOG(kWarn, node_.name(), "closing the connection to broker {}: {}", broker,
             malformed.what());
      selector_->close(connection_id(broker));
      connection_lost(broker, malformed.what(), now);
    }
  }
}

void NetworkClient::handle_receive(BrokerId id, const SharedSlice& frame, Instant now) {
  if (in_flight_.count(id) == 0) {
    throw SerializationException("a response that nothing was asked for");
  }
  const int32_t received_id = ByteReader(frame.view()).read_int32();
  if (received_id != in_flight_.next_correlation_id(id)) {
    throw SerializationException(fmt::format("response with correlation id {}, expected {}",
                                             received_id, in_flight_.next_correlation_id(id)));
  }
  InFlightRequest request = in_flight_.complete_next(id);
  ClientResponse response = request.response(now);
  response.body = protocol::parse_response(frame, request.api, request.version).body;
  report_.answered(id);
  KS_TRACE(node_, "ResponseReceived", {"api", std::string(protocol::api_info(request.api).camel)},
           {"broker", int64_t{id}}, {"correlation_id", int64_t{request.correlation_id}});
  if (request.internal)
    request.callback(response);
  else
    completed_.emplace_back(std::move(request.callback), std::move(response));
}

void NetworkClient::handle_connections() {
  for (const std::string& id : selector_->connected()) {
    const BrokerId broker = broker_id(id);
    states_.checking_api_versions(broker);
    report_.connected(broker);
    api_versions_to_send_[broker] = protocol::ApiVersionsRequest::kHighestVersion;
  }
  const Instant now = node_.clock().monotonic();
  const std::map<BrokerId, int16_t> to_send = std::exchange(api_versions_to_send_, {});
  for (const auto& [broker, version] : to_send) send_api_versions(broker, version, now);
}

void NetworkClient::send_api_versions(BrokerId id, int16_t version, Instant now) {
  protocol::ApiVersionsRequest message;
  message.client_software_name = "kafkascope";
  message.client_software_version = "0.1.0";
  ClientRequest request = new_request(
      id, make_request(std::move(message)),
      [this](const ClientResponse& response) {
        handle_api_versions(response, node_.clock().monotonic());
      },
      now);
  do_send(request, true, version, now);
}

void NetworkClient::handle_api_versions(const ClientResponse& response, Instant now) {
  if (response.failure.has_value()) return;  // the connection is gone already
  const BrokerId id = response.destination;
  const Result<protocol::ApiVersionsResponse> decoded = decode_api_versions(response);
  if (!decoded) throw SerializationException(decoded.error().message);
  const NodeApiVersions versions(*decoded);
  const ErrorCode error = error_code_from_wire(decoded->error_code);
  if (error == ErrorCode::kNone) {
    api_versions_.insert_or_assign(id, versions);
    states_.ready(id);
    KS_TRACE(node_, "BrokerReady", {"broker", int64_t{id}});
    return;
  }
  if (error != ErrorCode::kUnsupportedVersion || response.version == 0) {
    throw KafkaException(error, fmt::format("ApiVersions refused: {}", error_name(error)));
  }
  int16_t version = 0;
  for (const auto& api : decoded->api_keys) {
    if (api.api_key == protocol::ApiVersionsRequest::kApiKey) {
      version = std::clamp<int16_t>(api.max_version, 0, static_cast<int16_t>(response.version - 1));
    }
  }
  send_api_versions(id, version, now);
}

void NetworkClient::handle_disconnections(Instant now) {
  for (const auto& [id, why] : selector_->disconnected()) connection_lost(broker_id(id), why, now);
}

void NetworkClient::handle_timeouts(Instant now) {
  for (const BrokerId id : in_flight_.nodes_with_expired(now)) {
    selector_->close(connection_id(id));
    connection_lost(
        id,
        fmt::format("no response within request.timeout.ms = {}", config_.request_timeout.count()),
        now);
  }
  for (const BrokerId id : states_.expired_setups(now)) {
    selector_->close(connection_id(id));
    connection_lost(id, "the connection was not set up within socket.connection.setup.timeout.ms",
                    now);
  }
}

void NetworkClient::connection_lost(BrokerId id, const std::string& why, Instant now) {
  KS_TRACE(node_, "ConnectionLost", {"broker", int64_t{id}}, {"reason", why});
  states_.disconnected(id, now);
  api_versions_.erase(id);
  api_versions_to_send_.erase(id);
  report_.failed(id, why);
  for (InFlightRequest& request : in_flight_.clear_all(id)) {
    ClientResponse response = request.response(now);
    response.failure = Error{ErrorCode::kNetworkException,
                             "disconnected from broker " + std::to_string(id) + ": " + why};
    if (request.internal)
      request.callback(response);
    else
      completed_.emplace_back(std::move(request.callback), std::move(response));
  }
  if (!closed_)
    (void)metadata_.request_update();  // perhaps the broker moved, or another one leads now
}

void NetworkClient::disconnect(BrokerId id, Instant now) {
  if (states_.state(id) == ConnectionState::kDisconnected) return;
  selector_->close(connection_id(id));
  connection_lost(id, "disconnected by the client", now);
}

const BrokerNode* NetworkClient::least_loaded_node(Instant now) {
  cluster_ = metadata_.fetch();
  std::vector<const BrokerNode*> brokers;
  for (const auto& [id, broker] : cluster_->brokers) brokers.push_back(&broker);
  if (brokers.empty()) return nullptr;
  const size_t start = random_.below(brokers.size());
  const BrokerNode* ready = nullptr;
  const BrokerNode* connecting = nullptr;
  const BrokerNode* possible = nullptr;
  for (size_t i = 0; i < brokers.size(); ++i) {
    const BrokerNode* broker = brokers[(start + i) % brokers.size()];
    if (can_send(broker->id, now)) {
      if (ready == nullptr || in_flight_.count(broker->id) < in_flight_.count(ready->id))
        ready = broker;
    } else if (states_.is_preparing(broker->id)) {
      connecting = broker;
    } else if (states_.can_connect(broker->id, now)) {
      if (possible == nullptr ||
          states_.last_attempt(broker->id) < states_.last_attempt(possible->id))
        possible = broker;
    }
  }
  if (ready != nullptr) return ready;
  return connecting != nullptr ? connecting : possible;
}

void NetworkClient::wakeup() { selector_->wakeup(); }

void NetworkClient::close() {
  if (closed_) return;
  closed_ = true;
  selector_->close_all();
}

}  // namespace kafkascope

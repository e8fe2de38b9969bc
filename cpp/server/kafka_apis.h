// KafkaApis: from a request to its handler, and from exceptions to error codes.
#pragma once

#include <memory>

#include "network/request_channel.h"
#include "replication/fetch_session.h"
#include "replication/replica_manager.h"
#include "server/admin_manager.h"

namespace kafkascope {

class ClusterMembership;
class MetricsRegistry;
class ProducerIdManager;

/// What the handlers work with.
struct ApiContext {
  Node& node;
  const KafkaConfig& config;
  RequestChannel& channel;
  MetadataCache& metadata;
  ReplicaManager& replicas;
  AdminManager& admin;
  FetchManager& fetch_sessions;
  ProducerIdManager& producer_ids;
  MetricsRegistry& metrics;
  ClusterMembership* cluster;  // null: the broker stands alone
};

/// Decodes a request's body. SerializationException: the connection is closed.
template <typename Message>
Message decode_body(const Request& request) {
  return protocol::decode<Message>(request.body(), request.version(), protocol::Surplus::kIgnore);
}

/// Sends the answer.
template <typename Message>
void respond(ApiContext& context, const std::shared_ptr<Request>& request, const Message& message) {
  protocol::MessageWriter writer =
      protocol::encode_response(message, request->version(), request->parsed.header.correlation_id);
  context.channel.send(request, writer.take());
}

inline int16_t to_wire(ErrorCode code) { return static_cast<int16_t>(code); }

/// Kafka's KafkaApis as a table: one handler an API, in handlers/. Any handler thread may call.
class KafkaApis {
 public:
  using Handler = void (*)(ApiContext&, const std::shared_ptr<Request>&);

  explicit KafkaApis(ApiContext context) : context_(context) {}

  /// Answers the request, now or later. A body that cannot be decoded, or an API that this broker
  /// does not serve, closes the connection, with one log line.
  void handle(const std::shared_ptr<Request>& request);

  /// Null for an API that is not served.
  static Handler handler_of(protocol::ApiKey key);

 private:
  ApiContext context_;
};

}  // namespace kafkascope

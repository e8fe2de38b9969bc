// What the files of KafkaAdminClient share.
#pragma once

#include "clients/admin/admin_network.h"
#include "clients/admin/kafka_admin_client.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {

struct KafkaAdminClient::Parts {
  Parts(Node& the_node, AdminClientConfig config)
      : node(the_node), network(node, std::move(config)), metrics(node) {}

  /// How long the broker may take before it answers.
  int32_t broker_timeout_ms() const {
    return static_cast<int32_t>(network.config().request_timeout.count());
  }

  Node& node;
  AdminNetwork network;
  MetricsRegistry metrics;
};

/// One item of an answer: its value, or its error with the broker's words.
template <typename T>
Result<T> item_result(int16_t code, const std::optional<std::string>& message, T value) {
  const ErrorCode error = error_code_from_wire(code);
  if (error == ErrorCode::kNone) return value;
  return Error{
      error, message.has_value() && !message->empty() ? *message : std::string(error_name(error))};
}

}  // namespace kafkascope

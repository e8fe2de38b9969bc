// Admin: an admin client as Python calls it, whichever runtime it lives in.
#pragma once

#include <any>
#include <functional>
#include <optional>
#include <string>

#include "clients/admin/kafka_admin_client.h"
#include "runtime/node.h"

namespace kafkascope::bindings {

/// Milliseconds, or the client's default.api.timeout.ms.
using TimeoutMs = std::optional<int64_t>;

/// Functions given to call() may run later and again (a simulation's replay does so): they hold
/// copies of what they need.
class Admin {
 public:
  using Deadline = KafkaAdminClient::Deadline;
  virtual ~Admin() = default;
  virtual void bootstrap() = 0;
  virtual void close() = 0;
  virtual std::string client_id() = 0;

  /// Runs a call that Ctrl-C can end.
  template <typename T>
  T call(TimeoutMs timeout_ms, std::function<T(KafkaAdminClient&, Deadline)> fn) {
    return std::any_cast<T>(
        run(timeout_ms, [fn = std::move(fn)](KafkaAdminClient& client, Deadline deadline) {
          return std::any(fn(client, deadline));
        }));
  }

 protected:
  using Function = std::function<std::any(KafkaAdminClient&, Deadline)>;
  virtual std::any run(TimeoutMs timeout_ms, const Function& fn) = 0;
};

inline Admin::Deadline admin_deadline(Node& node, TimeoutMs timeout_ms) {
  if (!timeout_ms) return {};
  return deadline_after(node.clock().monotonic(), std::chrono::milliseconds(*timeout_ms));
}

}  // namespace kafkascope::bindings

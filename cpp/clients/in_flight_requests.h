// InFlightRequests: what was sent to each broker and not answered yet, in order.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "clients/client_request.h"
#include "clients/in_flight_description.h"
#include "runtime/threads.h"

namespace kafkascope {

/// One request on its way; a broker answers a connection's requests in the order they were sent.
struct InFlightRequest {
  BrokerId destination = -1;
  protocol::ApiKey api{};
  int16_t version = 0;
  int32_t correlation_id = 0;
  bool expects_response = true;
  bool internal = false;  // the client's own: ApiVersions, Metadata
  Instant created{};
  Instant sent{};
  Duration timeout{};
  size_t size_bytes = 0;
  RequestCompletionHandler callback;

  bool expired(Instant now) const { return now - sent >= timeout; }
  ClientResponse response(Instant received) const;
};

/// Kafka's InFlightRequests. Changed by the network thread alone; describe() and counts may come
/// from any.
class InFlightRequests {
 public:
  InFlightRequests(Node& node, int32_t max_per_connection)
      : node_(node), max_per_connection_(max_per_connection), mutex_(node, "in-flight requests") {}

  void add(InFlightRequest request);
  /// The oldest to this broker; it must be there.
  InFlightRequest complete_next(BrokerId id);
  /// The newest to this broker (a request without response is complete when it is sent).
  InFlightRequest complete_last_sent(BrokerId id);
  bool last_sent_expects_response(BrokerId id) const;
  /// Correlation id of the oldest; -1 when there is none.
  int32_t next_correlation_id(BrokerId id) const;
  /// Fewer than the maximum are under way to this broker.
  bool can_send_more(BrokerId id) const;
  /// Takes all to this broker, oldest first.
  std::vector<InFlightRequest> clear_all(BrokerId id);
  std::vector<BrokerId> nodes_with_expired(Instant now) const;
  /// When the first of all expires; kForever when none is under way.
  Instant next_expiry() const;

  int32_t count(BrokerId id) const;
  int32_t count() const;
  std::vector<InFlightRequestDescription> describe() const;

 private:
  Node& node_;
  const int32_t max_per_connection_;
  mutable Mutex mutex_;
  std::map<BrokerId, std::deque<InFlightRequest>> requests_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

// ConsumerNetworkClient: a NetworkClient with queues of unsent requests, futures, and wakeup.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>

#include "clients/consumer/request_future.h"
#include "clients/network_client.h"

namespace kafkascope {

/// Kafka's ConsumerNetworkClient: a request waits here until its broker is connected, and fails
/// when the connection does. For one thread; wakeup() is for others.
class ConsumerNetworkClient {
 public:
  ConsumerNetworkClient(Node& node, const CommonClientConfig& config, Metadata& metadata,
                        int32_t max_in_flight);

  /// Queues the request. Its future ends with the response, or with the failure that kept it from
  /// coming.
  RequestFuture<ClientResponse> send(const BrokerNode& broker, std::unique_ptr<RequestBody> body);
  /// To a broker that can be reached now; kBrokerNotAvailable when there is none.
  RequestFuture<ClientResponse> send_to_any(std::unique_ptr<RequestBody> body);

  /// Works on the network until `done` or the deadline; at least once, without sleeping when it is
  /// done already. Throws WakeupException after wakeup().
  void poll(Instant deadline, const std::function<bool()>& done = {});
  /// False: the deadline passed first.
  template <typename T>
  bool poll(const RequestFuture<T>& future, Instant deadline) {
    while (!future.done() && node_.clock().monotonic() < deadline) {
      poll(deadline, [&future] { return future.done(); });
    }
    return future.done();
  }
  /// Sends what can be sent and reads what has come, without sleeping and without WakeupException.
  void poll_no_wakeup();
  /// Waits for the next metadata. False: the deadline passed first.
  bool await_metadata_update(Instant deadline);
  /// Waits until metadata that was asked for has come.
  bool ensure_fresh_metadata(Instant deadline);

  bool has_pending(BrokerId id) const;
  bool has_pending() const;
  /// In its reconnect backoff: no use to queue anything.
  bool is_unavailable(BrokerId id) const;
  /// Any thread.
  void wakeup();
  void close();

  NetworkClient& network() { return client_; }
  const NetworkClient& network() const { return client_; }

 private:
  struct Unsent {
    BrokerNode broker;
    ClientRequest request;
    RequestFuture<ClientResponse> future;
  };
  Duration try_send(Instant now);
  void fail_unreachable(Instant now);
  void fail_queue(BrokerId id, const Error& error);
  void throw_if_woken();
  void poll_once(Instant deadline, const std::function<bool()>& done);

  Node& node_;
  const CommonClientConfig config_;
  Metadata& metadata_;
  NetworkClient client_;
  std::map<BrokerId, std::deque<Unsent>> unsent_;
  std::atomic<bool> woken_{false};
};

}  // namespace kafkascope

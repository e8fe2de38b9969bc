// BlockingSender: one broker, one connection, one request at a time.
#pragma once

#include <memory>

#include "clients/client_config.h"
#include "clients/client_request.h"
#include "clients/cluster.h"

namespace kafkascope {

class Node;

/// Kafka's BrokerBlockingSender (NetworkClientUtils over a ManualMetadataUpdater): what brokers use
/// among themselves. One thread sends; initiate_close() may come from any.
class BlockingSender {
 public:
  BlockingSender(Node& node, const CommonClientConfig& config, BrokerNode target);
  ~BlockingSender();

  /// Connects where needed, sends, and waits for the answer. `failure` of the answer:
  /// kNetworkException when the connection could not be made, was lost, or the time is up;
  /// kUnsupportedVersion when the broker does not know the API. After a failed attempt the next
  /// waits for reconnect.backoff.ms; after a timeout it is made on a new connection.
  ClientResponse send(std::unique_ptr<RequestBody> body, Duration timeout);
  /// Ends a send that waits; those that follow fail at once.
  void initiate_close();
  /// The sending thread's, or anybody's once that has ended.
  void close();
  const BrokerNode& target() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafkascope

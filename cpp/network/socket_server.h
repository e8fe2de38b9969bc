// SocketServer: the broker's doors. One Acceptor a listener, its Processors, and the RequestChannel
// behind them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "network/acceptor.h"

namespace kafkascope {

/// Kafka's SocketServer. start() and shutdown() from one thread.
class SocketServer {
 public:
  /// `config` must outlive the server.
  SocketServer(Node& node, const SocketServerConfig& config, MetricsRegistry& metrics);
  ~SocketServer();

  /// Binds all listeners, then accepts. Throws KafkaException naming the address that cannot be
  /// bound.
  void start();
  /// No new connections; those that are open go on.
  void stop_accepting();
  /// Closes everything. Requests that are being handled are answered into nothing.
  void shutdown();

  RequestChannel& request_channel() { return channel_; }
  /// Name and bound address of every listener, ports resolved; from start() on.
  const std::vector<ListenerConfig>& bound() const { return bound_; }
  int connection_count() const { return quotas_.count(); }

 private:
  Node& node_;
  const SocketServerConfig& config_;
  MetricsRegistry& metrics_;
  ConnectionQuotas quotas_;
  RequestChannel channel_;
  std::vector<std::unique_ptr<Processor>> processors_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<ListenerConfig> bound_;
};

}  // namespace kafkascope

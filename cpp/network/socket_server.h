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
  /// Takes over what may change while it runs: the connection limits and num.network.threads. The
  /// connections of a Processor that goes are closed. Any thread, one at a time.
  void reconfigure(const SocketServerConfig& config);
  /// No new connections; those that are open go on.
  void stop_accepting();
  /// Closes everything. Requests that are being handled are answered into nothing.
  void shutdown();

  RequestChannel& request_channel() { return channel_; }
  /// Name and bound address of every listener, ports resolved; from start() on.
  const std::vector<ListenerConfig>& bound() const { return bound_; }
  int connection_count() const { return quotas_.count(); }

 private:
  void resize(Acceptor& acceptor, const std::string& listener, size_t processors);

  Node& node_;
  const SocketServerConfig& config_;
  MetricsRegistry& metrics_;
  ConnectionQuotas quotas_;
  const std::shared_ptr<MemoryPool> memory_pool_;  // null without queued.max.request.bytes
  RequestChannel channel_;
  int next_processor_id_ = 0;
  std::vector<std::shared_ptr<Processor>> retired_;  // ended or ending
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<ListenerConfig> bound_;
};

}  // namespace kafkascope

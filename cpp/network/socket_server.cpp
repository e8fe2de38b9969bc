#include "network/socket_server.h"

namespace kafkascope {

SocketServer::SocketServer(Node& node, const SocketServerConfig& config, MetricsRegistry& metrics)
    : node_(node),
      config_(config),
      metrics_(metrics),
      quotas_(node, config),
      channel_(node, config.queued_max_requests, metrics) {}

SocketServer::~SocketServer() = default;

void SocketServer::start() {
  int next_id = 0;
  for (const ListenerConfig& listener : config_.listeners) {
    std::unique_ptr<Listener> opened = node_.network().listen(listener.address);
    std::vector<Processor*> own;
    for (int i = 0; i < config_.num_network_threads; ++i) {
      processors_.push_back(std::make_unique<Processor>(node_, next_id++, listener.name, config_,
                                                        channel_, quotas_, metrics_));
      own.push_back(processors_.back().get());
    }
    acceptors_.push_back(std::make_unique<Acceptor>(node_, listener.name, std::move(opened),
                                                    std::move(own), quotas_,
                                                    config_.socket_send_buffer_bytes));
    bound_.push_back({listener.name, {listener.address.host, acceptors_.back()->endpoint().port}});
  }
  for (const auto& processor : processors_) processor->start();
  for (const auto& acceptor : acceptors_) acceptor->start();
}

void SocketServer::stop_accepting() {
  for (const auto& acceptor : acceptors_) acceptor->initiate_shutdown();
  for (const auto& acceptor : acceptors_) acceptor->await_shutdown();
}

void SocketServer::shutdown() {
  stop_accepting();
  channel_.close();
  for (const auto& processor : processors_) processor->initiate_shutdown();
  for (const auto& processor : processors_) processor->await_shutdown();
}

}  // namespace kafkascope

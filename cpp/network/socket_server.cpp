#include "network/socket_server.h"

#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

const MetricName kPoolAvailable{"kafka.network", "SocketServer", "MemoryPoolAvailable", {}};
const MetricName kPoolUsed{"kafka.network", "SocketServer", "MemoryPoolUsed", {}};

}  // namespace

SocketServer::SocketServer(Node& node, const SocketServerConfig& config, MetricsRegistry& metrics)
    : node_(node),
      config_(config),
      metrics_(metrics),
      quotas_(node, config.connection_limits),
      memory_pool_(config.queued_max_request_bytes > 0
                       ? std::make_shared<MemoryPool>(config.queued_max_request_bytes)
                       : nullptr),
      channel_(node, config.queued_max_requests, metrics) {
  if (memory_pool_ == nullptr) return;
  metrics_.gauge(kPoolAvailable, [pool = memory_pool_] { return pool->available(); });
  metrics_.gauge(kPoolUsed, [pool = memory_pool_] { return pool->used(); });
}

SocketServer::~SocketServer() {
  metrics_.remove(kPoolAvailable);
  metrics_.remove(kPoolUsed);
}

void SocketServer::start() {
  for (const ListenerConfig& listener : config_.listeners) {
    acceptors_.push_back(std::make_unique<Acceptor>(
        node_, listener.name, node_.network().listen(listener.address), quotas_, config_));
    bound_.push_back({listener.name, {listener.address.host, acceptors_.back()->endpoint().port}});
  }
  // After all addresses are bound: nothing runs when one cannot be.
  for (size_t i = 0; i < acceptors_.size(); ++i)
    resize(*acceptors_[i], bound_[i].name, static_cast<size_t>(config_.num_network_threads));
  for (const auto& acceptor : acceptors_) acceptor->start();
}

void SocketServer::reconfigure(const SocketServerConfig& config) {
  quotas_.set_limits(config.connection_limits);
  for (size_t i = 0; i < acceptors_.size(); ++i)
    resize(*acceptors_[i], bound_[i].name, static_cast<size_t>(config.num_network_threads));
}

void SocketServer::resize(Acceptor& acceptor, const std::string& listener, size_t processors) {
  while (acceptor.processors().size() > processors) {
    retired_.push_back(acceptor.remove_processor());
    // Not waited for: it may itself wait for a request handler, such as the calling one.
    retired_.back()->initiate_shutdown();
  }
  while (acceptor.processors().size() < processors) {
    const auto processor = std::make_shared<Processor>(
        node_, next_processor_id_++, listener, config_, channel_, quotas_, memory_pool_, metrics_);
    processor->start();
    acceptor.add_processor(processor);
  }
}

void SocketServer::stop_accepting() {
  for (const auto& acceptor : acceptors_) acceptor->initiate_shutdown();
  for (const auto& acceptor : acceptors_) acceptor->await_shutdown();
}

void SocketServer::shutdown() {
  stop_accepting();
  channel_.close();
  std::vector<std::shared_ptr<Processor>> all = retired_;
  for (const auto& acceptor : acceptors_) {
    for (const auto& processor : acceptor->processors()) all.push_back(processor);
  }
  for (const auto& processor : all) processor->initiate_shutdown();
  for (const auto& processor : all) processor->await_shutdown();
}

}  // namespace kafkascope

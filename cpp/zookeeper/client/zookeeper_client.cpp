#include "zookeeper/client/zookeeper_client.h"

#include <fmt/core.h>

#include "common/errors.h"
#include "zookeeper/client/client_cnxn.h"
#include "zookeeper/client/session_expiry_handler.h"
#include "zookeeper/client/zookeeper_client_metrics.h"

namespace kafkascope {

using zk::KeeperState;
using zk::ZkError;

ZooKeeperClient::ZooKeeperClient(Node& node, ZooKeeperClientConfig config, std::string name,
                                 MetricsRegistry* metrics)
    : node_(node),
      config_(std::move(config)),
      name_(std::move(name)),
      servers_(parse_connect_string(config_.connect)),
      mutex_(node, "zookeeper client"),
      slots_mutex_(node, "zookeeper requests"),
      slot_free_(node, "zookeeper requests") {
  connection_ = make_connection();
  expiry_handler_ = std::make_unique<SessionExpiryHandler>(node, name_ + "-session-expiry-handler",
                                                           [this] { reinitialize(); });
  if (metrics != nullptr) {
    metrics_ =
        std::make_unique<ZooKeeperClientMetrics>(*metrics, [this] { return connection_state(); });
  }
}

ZooKeeperClient::~ZooKeeperClient() = default;

void ZooKeeperClient::start() {
  expiry_handler_->start();
  connection()->start();
  wait_until_connected(config_.connection_timeout);
}

void ZooKeeperClient::close() {
  std::shared_ptr<ClientCnxn> last;
  {
    Lock lock(mutex_);
    closed_ = true;
    last = connection_;
  }
  last->close();  // also ends what a handler waits for
  expiry_handler_->shutdown();
}

std::shared_ptr<ClientCnxn> ZooKeeperClient::make_connection() {
  return std::make_shared<ClientCnxn>(
      node_, ClientCnxn::Config{servers_.servers, config_.session_timeout, name_},
      [this](const zk::WatcherEvent& event) { on_event(event); });
}

std::shared_ptr<ClientCnxn> ZooKeeperClient::connection() const {
  Lock lock(mutex_);
  return connection_;
}

zk::SessionId ZooKeeperClient::session_id() const { return connection()->session_id(); }
KeeperState ZooKeeperClient::connection_state() const { return connection()->state(); }

void ZooKeeperClient::wait_until_connected(Duration timeout) {
  const auto current = connection();
  const Instant deadline = deadline_after(node_.clock().monotonic(), timeout);
  switch (current->wait_until_settled(deadline)) {
    case KeeperState::kSyncConnected:
      return;
    case KeeperState::kAuthFailed:
      throw zk::ZkException(ZkError::kAuthFailed, config_.connect);
    case KeeperState::kExpired:
    case KeeperState::kClosed:
      throw zk::ZkException(ZkError::kSessionExpired, config_.connect);
    case KeeperState::kDisconnected:
      break;
  }
  throw KafkaException(
      ErrorCode::kRequestTimedOut,
      fmt::format("no ZooKeeper of \"{}\" gave a session within {} ms: {}", config_.connect,
                  std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count(),
                  current->describe_failures()));
}

void ZooKeeperClient::on_event(const zk::WatcherEvent& event) {
  if (event.type != zk::EventType::kNone) return dispatch(event);
  if (metrics_ != nullptr) metrics_->on_state(event.state);
  if (event.state == KeeperState::kExpired) expiry_handler_->expired();
  if (event.state == KeeperState::kAuthFailed) {
    for (const auto& handler : state_handlers()) handler->on_auth_failure();
  }
}

void ZooKeeperClient::dispatch(const zk::WatcherEvent& event) {
  const std::string path = servers_.chroot.to_client(event.path);
  std::shared_ptr<ZNodeChangeHandler> change;
  std::shared_ptr<ZNodeChildChangeHandler> child_change;
  {
    Lock lock(mutex_);
    if (const auto found = change_handlers_.find(path); found != change_handlers_.end()) {
      change = found->second;
    }
    if (const auto found = child_change_handlers_.find(path);
        found != child_change_handlers_.end()) {
      child_change = found->second;
    }
  }
  if (event.type == zk::EventType::kNodeChildrenChanged) {
    if (child_change != nullptr) child_change->handle_child_change();
  } else if (change != nullptr) {
    if (event.type == zk::EventType::kNodeCreated) change->handle_creation();
    if (event.type == zk::EventType::kNodeDeleted) change->handle_deletion();
    if (event.type == zk::EventType::kNodeDataChanged) change->handle_data_change();
  }
}

std::vector<std::shared_ptr<StateChangeHandler>> ZooKeeperClient::state_handlers() const {
  Lock lock(mutex_);
  std::vector<std::shared_ptr<StateChangeHandler>> handlers;
  for (const auto& [name, handler] : state_handlers_) handlers.push_back(handler);
  return handlers;
}

// Handlers are called without a lock: they ask ZooKeeper, and wait for threads that do.
void ZooKeeperClient::reinitialize() {
  for (const auto& handler : state_handlers()) handler->before_initializing_session();
  connection()->close();
  const std::shared_ptr<ClientCnxn> next = make_connection();
  {
    Lock lock(mutex_);
    if (closed_) return;
    next->start();
    connection_ = next;
  }
  if (next->wait_until_settled(kForever) == KeeperState::kClosed) return;
  for (const auto& handler : state_handlers()) handler->after_initializing_session();
}

void ZooKeeperClient::register_znode_change_handler(std::shared_ptr<ZNodeChangeHandler> handler) {
  Lock lock(mutex_);
  change_handlers_[handler->path()] = std::move(handler);
}
void ZooKeeperClient::unregister_znode_change_handler(const std::string& path) {
  Lock lock(mutex_);
  change_handlers_.erase(path);
}
void ZooKeeperClient::register_znode_child_change_handler(
    std::shared_ptr<ZNodeChildChangeHandler> handler) {
  Lock lock(mutex_);
  child_change_handlers_[handler->path()] = std::move(handler);
}
void ZooKeeperClient::unregister_znode_child_change_handler(const std::string& path) {
  Lock lock(mutex_);
  child_change_handlers_.erase(path);
}
void ZooKeeperClient::register_state_change_handler(std::shared_ptr<StateChangeHandler> handler) {
  Lock lock(mutex_);
  state_handlers_[handler->name()] = std::move(handler);
}
void ZooKeeperClient::unregister_state_change_handler(const std::string& name) {
  Lock lock(mutex_);
  state_handlers_.erase(name);
}

}  // namespace kafkascope

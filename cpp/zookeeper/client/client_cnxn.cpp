#include "zookeeper/client/client_cnxn.h"

#include "zookeeper/client/request_codec.h"
#include "zookeeper/client/send_thread.h"

namespace kafkascope {

using zk::KeeperState;
using zk::ZkError;

ClientCnxn::ClientCnxn(Node& node, Config config, OnEvent on_event)
    : node_(node),
      on_event_(std::move(on_event)),
      closing_mutex_(node, "zookeeper session's end"),
      mutex_(node, "zookeeper session"),
      state_changed_(node, "zookeeper session state"),
      event_thread_(node, config.name + "-EventThread"),
      send_thread_(std::make_unique<SendThread>(node, config, *this)) {}

ClientCnxn::~ClientCnxn() = default;

void ClientCnxn::start() {
  event_thread_.start();
  send_thread_->start();
}

void ClientCnxn::close() {
  {
    Lock lock(mutex_);
    closing_ = true;
  }
  send_thread_->wake();
  Lock one_at_a_time(closing_mutex_);
  send_thread_->await_shutdown();
  event_thread_.await_shutdown();
}

void ClientCnxn::submit(ZkPacket packet) {
  {
    Lock lock(mutex_);
    if (!ended_ && !closing_) {
      unsent_.push_back(std::move(packet));
      lock.unlock();
      return send_thread_->wake();
    }
  }
  packet.done(failed_response(packet.request, ZkError::kSessionExpired));
}

KeeperState ClientCnxn::state() const {
  Lock lock(mutex_);
  return state_;
}

zk::SessionId ClientCnxn::session_id() const {
  Lock lock(mutex_);
  return session_id_;
}

KeeperState ClientCnxn::wait_until_settled(Instant deadline) {
  Lock lock(mutex_);
  (void)state_changed_.wait_until(lock, deadline,
                                  [this] { return state_ != KeeperState::kDisconnected; });
  return state_;
}

std::string ClientCnxn::describe_failures() const {
  Lock lock(mutex_);
  std::string text;
  for (const auto& [server, reason] : failures_) {
    text += (text.empty() ? "" : "; ") + server + ": " + reason;
  }
  return text;
}

std::optional<ZkPacket> ClientCnxn::next_packet() {
  Lock lock(mutex_);
  if (unsent_.empty()) return std::nullopt;
  std::optional<ZkPacket> packet(std::move(unsent_.front()));
  unsent_.pop_front();
  return packet;
}

bool ClientCnxn::closing() const {
  Lock lock(mutex_);
  return closing_;
}

void ClientCnxn::enter(KeeperState state) {
  {
    Lock lock(mutex_);
    state_ = state;
    state_changed_.notify_all();
  }
  notify({zk::EventType::kNone, state, ""});
}

void ClientCnxn::on_connected(zk::SessionId session, const Endpoint& server) {
  {
    Lock lock(mutex_);
    session_id_ = session;
    failures_.erase(server.to_string());
  }
  enter(KeeperState::kSyncConnected);
}

void ClientCnxn::on_disconnected(const Endpoint& server, const std::string& reason,
                                 bool was_connected) {
  {
    Lock lock(mutex_);
    failures_[server.to_string()] = reason;
  }
  if (was_connected) enter(KeeperState::kDisconnected);
}

void ClientCnxn::notify(zk::WatcherEvent event) {
  event_thread_.put([this, event = std::move(event)] { on_event_(event); });
}

void ClientCnxn::complete(ZkPacket packet, ZkResponse response) {
  event_thread_.put(
      [done = std::move(packet.done), response = std::move(response)] { done(response); });
}

void ClientCnxn::fail_unsent(ZkError error) {
  std::deque<ZkPacket> unsent;
  {
    Lock lock(mutex_);
    unsent.swap(unsent_);
  }
  for (ZkPacket& packet : unsent) {
    ZkResponse response = failed_response(packet.request, error);
    complete(std::move(packet), std::move(response));
  }
}

void ClientCnxn::on_send_thread_stopped() {
  {
    Lock lock(mutex_);
    ended_ = true;
  }
  fail_unsent(ZkError::kSessionExpired);
  event_thread_.close();
}

void ClientCnxn::EventThread::do_work() {
  if (const auto event = events_.take()) {
    (*event)();
  } else {
    initiate_shutdown();
  }
}

}  // namespace kafkascope

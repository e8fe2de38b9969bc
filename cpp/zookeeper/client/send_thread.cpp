#include "zookeeper/client/send_thread.h"

#include <fmt/core.h>

#include "common/errors.h"
#include "common/logging.h"
#include "zookeeper/client/request_codec.h"

namespace kafkascope {
namespace {

using zk::KeeperState;
using zk::OpCode;
using zk::ZkError;

constexpr Duration kMaxBackoff = std::chrono::seconds(1);
constexpr size_t kMaxSetWatches = 128 * 1024;  // servers take at least 1 MiB

int64_t ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

SendThread::SendThread(Node& node, const ClientCnxn::Config& config, ClientCnxn& owner)
    : Worker(node, config.name + "-SendThread"),
      owner_(owner),
      requested_timeout_(config.session_timeout),
      random_(node.random().stream("zookeeper client " + config.name)),
      hosts_(config.servers, random_),
      selector_(node, {.max_receive_size = kMaxFrame}) {}

void SendThread::do_work() {
  if (state_ != State::kEstablished && owner_.closing()) return end(KeeperState::kClosed);
  if (state_ == State::kNotConnected) connect_if_due();
  if (state_ == State::kEstablished) send_what_is_due();
  selector_.poll(next_deadline());
  try {
    if (!selector_.connected().empty()) handle_connected();
    for (const Selector::Receive& receive : selector_.completed_receives()) {
      timers_.heard(node_.clock().monotonic());
      if (receive.channel == channel_) handle_frame(receive.frame.view());
    }
  } catch (const KafkaException& malformed) {
    disconnect(fmt::format("what it sent is not ZooKeeper's protocol: {}", malformed.what()));
  }
  if (const auto found = selector_.disconnected().find(channel_);
      found != selector_.disconnected().end()) {
    disconnect(found->second);
  }
  check_silence();
}

void SendThread::on_stopped() { owner_.on_send_thread_stopped(); }

void SendThread::connect_if_due() {
  const Instant now = node_.clock().monotonic();
  if (now < next_attempt_) return;
  server_ = hosts_.next();
  channel_ = fmt::format("{} #{}", server_.to_string(), ++attempts_);
  state_ = State::kConnecting;
  timers_.connecting(now, requested_timeout_ / static_cast<int64_t>(hosts_.size()));
  try {
    const std::vector<std::string> addresses = node_.network().resolve(server_.host);
    if (addresses.empty()) {
      throw KafkaException(ErrorCode::kNetworkException, "the host name does not resolve");
    }
    selector_.connect(channel_, {addresses[hosts_.round() % addresses.size()], server_.port});
  } catch (const KafkaException& failure) {
    disconnect(failure.what());
  }
}

Instant SendThread::next_deadline() const {
  return state_ == State::kNotConnected ? next_attempt_ : timers_.next(can_send());
}

bool SendThread::can_send() const {
  const KafkaChannel* channel = selector_.find(channel_);
  return channel != nullptr && !channel->send.has_value();
}

void SendThread::handle_connected() {
  state_ = State::kHandshake;
  const zk::ConnectRequest request{0, last_zxid_, static_cast<int32_t>(ms(requested_timeout_)),
                                   session_id_, password_};
  send(zk::encode(request, /*read_only=*/false));
}

void SendThread::send(ByteBuffer frame) {
  selector_.send(NetworkSend(channel_, {SharedSlice::of(std::move(frame))}));
  timers_.sent(node_.clock().monotonic());
}

/// One frame, when none is on its way: watches first, then requests, the end of the session last.
void SendThread::send_what_is_due() {
  if (!can_send()) return;
  if (!watches_to_set_.empty()) {
    send(std::move(watches_to_set_.front()));
    watches_to_set_.pop_front();
    return;
  }
  if (send_packet()) return;
  const Instant now = node_.clock().monotonic();
  if (owner_.closing() && !close_sent_) {
    close_sent_ = true;
    pending_.push_back({next_xid_, OpCode::kCloseSession, {}});
    send(zk::encode(zk::RequestHeader{next_xid_++, OpCode::kCloseSession}));
  } else if (timers_.ping_is_due(now)) {
    send(zk::encode(zk::RequestHeader{zk::kPingXid, OpCode::kPing}));
  }
}

bool SendThread::send_packet() {
  std::optional<ZkPacket> packet = owner_.next_packet();
  if (!packet) return false;
  const OpCode op = op_code(packet->request);
  KS_TRACE(node_, "ZooKeeperRequestSent", {"server", server_.to_string()},
           {"op", static_cast<int64_t>(op)}, {"path", packet->request.path},
           {"xid", int64_t{next_xid_}});
  send(encode_request(packet->request, next_xid_, packet->watch));
  pending_.push_back({next_xid_, op, std::move(*packet)});
  next_xid_ = next_xid_ == INT32_MAX ? 1 : next_xid_ + 1;
  return true;
}

void SendThread::handle_frame(ByteView frame) {
  if (state_ == State::kHandshake) return handle_handshake(frame);
  const auto header = zk::decode<zk::ReplyHeader>(frame);
  const ByteView body = frame.subspan(16);
  if (header.xid == zk::kNotificationXid) return handle_notification(body);
  if (header.xid == zk::kAuthXid && header.err != ZkError::kOk) {
    return end(KeeperState::kAuthFailed);
  }
  if (header.xid >= 0) handle_reply(header, body);
}

void SendThread::handle_handshake(ByteView frame) {
  const auto response = zk::decode<zk::ConnectResponse>(frame);
  if (response.timeout_ms <= 0) {
    KS_TRACE(node_, "ZooKeeperSessionExpired", {"session", session_id_},
             {"server", server_.to_string()});
    KS_LOG(kWarn, node_.name(), "ZooKeeper session 0x{:x} has expired, says {}", session_id_,
           server_.to_string());
    return end(KeeperState::kExpired);
  }
  session_id_ = response.session_id;
  password_ = response.password;
  state_ = State::kEstablished;
  hosts_.on_connected();
  timers_.established(node_.clock().monotonic(), std::chrono::milliseconds(response.timeout_ms));
  watches_to_set_.clear();
  for (const zk::SetWatchesRequest& request : watches_.requests(last_zxid_, kMaxSetWatches)) {
    watches_to_set_.push_back(
        zk::encode(zk::RequestHeader{zk::kSetWatchesXid, OpCode::kSetWatches}, request));
  }
  KS_TRACE(node_, "ZooKeeperSessionEstablished", {"session", session_id_},
           {"server", server_.to_string()}, {"timeout_ms", int64_t{response.timeout_ms}});
  owner_.on_connected(session_id_, server_);
}

void SendThread::handle_notification(ByteView body) {
  auto event = zk::decode<zk::WatcherEvent>(body);
  KS_TRACE(node_, "ZooKeeperWatchFired", {"type", static_cast<int64_t>(event.type)},
           {"path", event.path});
  if (watches_.fire(event)) owner_.notify(std::move(event));
}

void SendThread::handle_reply(const zk::ReplyHeader& header, ByteView body) {
  if (pending_.empty() || pending_.front().xid != header.xid) {
    throw SerializationException(fmt::format("an answer to request {}, expected {}", header.xid,
                                             pending_.empty() ? 0 : pending_.front().xid));
  }
  if (header.err == ZkError::kSessionMoved)
    return disconnect("the session moved to another server");
  if (header.zxid > 0) last_zxid_ = header.zxid;
  if (pending_.front().op == OpCode::kCloseSession) return end(KeeperState::kClosed);
  ZkResponse response = decode_response(pending_.front().packet.request, header.err, body);
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  if (pending.packet.watch) watches_.add(pending.op, header.err, pending.packet.request.path);
  owner_.complete(std::move(pending.packet), std::move(response));
}

void SendThread::check_silence() {
  const Instant now = node_.clock().monotonic();
  if (state_ != State::kNotConnected && timers_.server_is_silent(now)) {
    disconnect(fmt::format("timed out: no word for {} ms", ms(timers_.read_timeout())));
  }
}

void SendThread::disconnect(const std::string& reason) {
  const bool was_connected = state_ == State::kEstablished;
  KS_TRACE(node_, "ZooKeeperConnectionLost", {"server", server_.to_string()}, {"reason", reason},
           {"session", session_id_});
  KS_LOG(kInfo, node_.name(), "ZooKeeper {}: {}", server_.to_string(), reason);
  close_channel();
  if (close_sent_) return end(KeeperState::kClosed);
  if (hosts_.all_tried()) {
    next_attempt_ = node_.clock().monotonic() +
                    Duration(static_cast<int64_t>(random_.below(kMaxBackoff.count())));
  }
  owner_.on_disconnected(server_, reason, was_connected);
  fail_pending(ZkError::kConnectionLoss);
}

void SendThread::close_channel() {
  selector_.close(channel_);
  channel_.clear();
  state_ = State::kNotConnected;
}

void SendThread::end(KeeperState state) {
  close_channel();
  owner_.enter(state);
  fail_pending(ZkError::kSessionExpired);
  initiate_shutdown();
}

void SendThread::fail_pending(ZkError error) {
  std::deque<Pending> pending;
  pending.swap(pending_);
  for (Pending& one : pending) {
    if (one.op == OpCode::kCloseSession) continue;
    ZkResponse response = failed_response(one.packet.request, error);
    owner_.complete(std::move(one.packet), std::move(response));
  }
  owner_.fail_unsent(error);
}

}  // namespace kafkascope

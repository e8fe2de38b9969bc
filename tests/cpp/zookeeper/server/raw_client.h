// RawClient: ZooKeeper's protocol by hand, for tests of the server.
#pragma once

#include <deque>

#include "network/selector.h"
#include "zookeeper/zk_protocol.h"

namespace kafkascope::zk {

/// One connection, which waits a minute for what it waits for. Notifications are kept aside, so
/// that a test can ask for the next answer.
class RawClient {
 public:
  struct Reply {
    ReplyHeader header;
    ByteBuffer body;
  };

  RawClient(Node& node, const Endpoint& server) : node_(node), selector_(node, {}) {
    selector_.connect("server", server);
    while (!selector_.is_ready("server") && !hung_up()) selector_.poll(deadline());
  }

  /// A new session, or an old one. Session 0 in the answer: refused.
  ConnectResponse connect(int32_t timeout_ms = 10'000, SessionId session = 0, Data password = {},
                          Zxid last_seen = 0) {
    send(encode(ConnectRequest{0, last_seen, timeout_ms, session,
                               password ? password : Data(ByteBuffer(16))},
                false));
    const std::optional<ByteBuffer> frame = next_frame();
    return frame ? decode<ConnectResponse>(*frame) : ConnectResponse{};
  }

  template <typename... Ts>
  void request(OpCode type, const Ts&... records) {
    send(encode(RequestHeader{++xid_, type}, records...));
  }
  /// The answer to the oldest request. Header error kConnectionLoss: the server hung up.
  Reply answer() {
    while (std::optional<ByteBuffer> frame = next_frame()) {
      if (std::optional<Reply> reply = sort(*frame)) return *reply;
    }
    return {{.err = ZkError::kConnectionLoss}, {}};
  }
  template <typename... Ts>
  Reply call(OpCode type, const Ts&... records) {
    request(type, records...);
    return answer();
  }
  ZkError create(const std::string& path, const std::string& data = "",
                 CreateMode mode = CreateMode::kPersistent) {
    const ByteView bytes = as_bytes(data);
    return call(OpCode::kCreate,
                CreateRequest{path, ByteBuffer(bytes.begin(), bytes.end()), open_acl(), mode})
        .header.err;
  }
  bool exists(const std::string& path, bool watch = false) {
    return call(OpCode::kExists, PathWatchRequest{path, watch}).header.err == ZkError::kOk;
  }
  /// Waits for the next event; type kNone: the server hung up or said something else.
  WatcherEvent event() {
    while (events_.empty()) {
      const std::optional<ByteBuffer> frame = next_frame();
      if (!frame || sort(*frame)) return {EventType::kNone};
    }
    WatcherEvent event = events_.front();
    events_.pop_front();
    return event;
  }
  size_t events_waiting() const { return events_.size(); }
  /// Until the server hangs up.
  void await_end() {
    while (next_frame()) {
    }
  }
  bool hung_up() const { return !selector_.has("server"); }

 private:
  Instant deadline() { return node_.clock().monotonic() + std::chrono::seconds(1); }
  void send(ByteBuffer frame) {
    while (sending_ && !hung_up()) poll();
    if (hung_up()) return;
    selector_.send(NetworkSend("server", {SharedSlice::of(std::move(frame))}));
    sending_ = true;
    poll(Instant{});
  }
  void poll() { poll(deadline()); }
  void poll(Instant until) {
    selector_.poll(until);
    if (!selector_.completed_sends().empty()) sending_ = false;
    for (const Selector::Receive& receive : selector_.completed_receives()) {
      const ByteView bytes = receive.frame.view();
      frames_.emplace_back(bytes.begin(), bytes.end());
    }
  }
  std::optional<ByteBuffer> next_frame() {
    const Instant give_up = node_.clock().monotonic() + std::chrono::minutes(1);
    while (frames_.empty()) {
      if (hung_up() || node_.clock().monotonic() > give_up) return std::nullopt;
      poll();
    }
    ByteBuffer frame = std::move(frames_.front());
    frames_.pop_front();
    return frame;
  }
  std::optional<Reply> sort(ByteView frame) {
    JuteReader in(frame);
    Reply reply;
    in(reply.header);
    const ByteView body = frame.subspan(in.in().position());
    if (reply.header.xid == kNotificationXid) {
      events_.push_back(decode<WatcherEvent>(body));
      return std::nullopt;
    }
    reply.body.assign(body.begin(), body.end());
    return reply;
  }

  Node& node_;
  Selector selector_;
  bool sending_ = false;
  int32_t xid_ = 0;
  std::deque<ByteBuffer> frames_;
  std::deque<WatcherEvent> events_;
};

}  // namespace kafkascope::zk

// SendThread: the connection of a session: handshake, requests in a pipeline, pings, the next
// server.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "network/selector.h"
#include "runtime/worker.h"
#include "zookeeper/client/client_cnxn.h"
#include "zookeeper/client/client_watches.h"
#include "zookeeper/client/host_provider.h"
#include "zookeeper/client/session_timers.h"

namespace kafkascope {

/// Apache ZooKeeper's SendThread. One do_work is one look at the connection. Ends by itself when
/// the session has expired or was closed.
class SendThread : public Worker {
 public:
  /// What a server may send in one frame: jute.maxbuffer as Kafka sets it for its clients, and a
  /// header.
  static constexpr size_t kMaxFrame = 4 * 1024 * 1024 + 1024;

  SendThread(Node& node, const ClientCnxn::Config& config, ClientCnxn& owner);
  /// There is something to send, or to close.
  void wake() { selector_.wakeup(); }

 private:
  enum class State { kNotConnected, kConnecting, kHandshake, kEstablished };
  /// A request that waits for its answer; the server answers in order.
  struct Pending {
    int32_t xid;
    zk::OpCode op;
    ZkPacket packet;  // empty for those of the session itself
  };

  void do_work() override;
  void wakeup() override { wake(); }
  void on_stopped() override;

  void connect_if_due();
  void send_what_is_due();
  bool send_packet();
  void send(ByteBuffer frame);
  Instant next_deadline() const;
  /// One frame at a time.
  bool can_send() const;

  void handle_connected();
  void handle_frame(ByteView frame);
  void handle_handshake(ByteView frame);
  void handle_notification(ByteView body);
  void handle_reply(const zk::ReplyHeader& header, ByteView body);
  void check_silence();

  /// To the next server, under the same session.
  void disconnect(const std::string& reason);
  void close_channel();
  void end(zk::KeeperState state);
  void fail_pending(zk::ZkError error);

  ClientCnxn& owner_;
  const Duration requested_timeout_;
  RandomStream random_;
  HostProvider hosts_;
  Selector selector_;
  SessionTimers timers_;
  ClientWatches watches_;

  State state_ = State::kNotConnected;
  Endpoint server_;
  std::string channel_;
  uint64_t attempts_ = 0;
  Instant next_attempt_{};
  std::deque<Pending> pending_;
  std::deque<ByteBuffer> watches_to_set_;
  bool close_sent_ = false;
  int32_t next_xid_ = 1;

  zk::SessionId session_id_ = 0;
  zk::Data password_ = ByteBuffer(16);
  zk::Zxid last_zxid_ = 0;
};

}  // namespace kafkascope

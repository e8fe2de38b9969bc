// ClientCnxn: one session with ZooKeeper, over one connection after the other.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/blocking_queue.h"
#include "runtime/network.h"
#include "runtime/worker.h"
#include "zookeeper/client/zk_request.h"
#include "zookeeper/zk_protocol.h"

namespace kafkascope {

class SendThread;

/// A request on its way.
struct ZkPacket {
  ZkRequest request;
  bool watch = false;
  // Called once, on the event thread; by submit() itself when the session is over already.
  std::function<void(ZkResponse)> done;
};

/// Apache ZooKeeper's ClientCnxn. A SendThread speaks to the servers; an event thread calls
/// `on_event` (watches that fired, and the session's states with type kNone) and each packet's
/// `done`, in the order in which the server said it. Paths are the server's. Any thread may call;
/// close() must be called before it is destroyed.
class ClientCnxn {
 public:
  using OnEvent = std::function<void(const zk::WatcherEvent&)>;
  struct Config {
    std::vector<Endpoint> servers;
    Duration session_timeout{};
    std::string name;
  };

  ClientCnxn(Node& node, Config config, OnEvent on_event);
  ~ClientCnxn();

  void start();
  /// Ends the session, if its server can be reached, and both threads. Not from the event thread.
  /// Idempotent, also for several threads at once.
  void close();
  /// Waits for a connection where there is none yet. Answered with kConnectionLoss when the
  /// connection goes, or cannot be made; with kSessionExpired once the session is over.
  void submit(ZkPacket packet);

  zk::KeeperState state() const;
  zk::SessionId session_id() const;
  /// The state once it is not kDisconnected any more, or at the deadline.
  zk::KeeperState wait_until_settled(Instant deadline);
  /// What was wrong with each server: "zk1:2181: Connection refused; zk2:2181: ...".
  std::string describe_failures() const;

  // For the SendThread.
  std::optional<ZkPacket> next_packet();
  bool closing() const;
  void on_connected(zk::SessionId session, const Endpoint& server);
  /// `was_connected`: the owner heard of the connection, so it hears of its end.
  void on_disconnected(const Endpoint& server, const std::string& reason, bool was_connected);
  /// From here on the session is in this state.
  void enter(zk::KeeperState state);
  void notify(zk::WatcherEvent event);
  void complete(ZkPacket packet, ZkResponse response);
  /// Answers what was not sent yet.
  void fail_unsent(zk::ZkError error);
  /// Nothing more will come.
  void on_send_thread_stopped();

 private:
  /// Watch events and answers, in order.
  class EventThread : public Worker {
   public:
    using Worker::Worker;
    /// False after close().
    bool put(std::function<void()> event) { return events_.put(std::move(event)); }
    /// Ends the thread once what is there was done.
    void close() { events_.close(); }

   private:
    void do_work() override;
    BlockingQueue<std::function<void()>> events_{node_, "zookeeper events"};
  };

  Node& node_;
  const OnEvent on_event_;
  Mutex closing_mutex_;  // held while the threads are joined
  mutable Mutex mutex_;
  ConditionVariable state_changed_;
  std::deque<ZkPacket> unsent_ KS_GUARDED_BY(mutex_);
  zk::KeeperState state_ KS_GUARDED_BY(mutex_) = zk::KeeperState::kDisconnected;
  zk::SessionId session_id_ KS_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::string> failures_ KS_GUARDED_BY(mutex_);  // by server
  bool closing_ KS_GUARDED_BY(mutex_) = false;
  bool ended_ KS_GUARDED_BY(mutex_) = false;  // nobody takes packets any more
  EventThread event_thread_;
  std::unique_ptr<SendThread> send_thread_;
};

}  // namespace kafkascope

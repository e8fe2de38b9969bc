// ZooKeeperClient: requests to ZooKeeper in a pipeline, watches by handler, sessions that come
// back.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/threads.h"
#include "zookeeper/client/connect_string.h"
#include "zookeeper/client/zk_request.h"
#include "zookeeper/zk_protocol.h"

namespace kafkascope {

class ClientCnxn;
class MetricsRegistry;
class SessionExpiryHandler;
class ZooKeeperClientMetrics;
struct ZkPacket;

/// Told of one path. Called on the event thread, in the order in which ZooKeeper says it; must not
/// block on ZooKeeper. A handler stays registered: its watch is set anew by the next read of the
/// path (handle_requests adds the watch by itself for registered paths).
class ZNodeChangeHandler {
 public:
  virtual ~ZNodeChangeHandler() = default;
  virtual std::string path() const = 0;
  virtual void handle_creation() {}
  virtual void handle_deletion() {}
  virtual void handle_data_change() {}
};

class ZNodeChildChangeHandler {
 public:
  virtual ~ZNodeChildChangeHandler() = default;
  virtual std::string path() const = 0;
  virtual void handle_child_change() = 0;
};

/// Told of sessions. An expired session is made anew by the client itself: `before` is called while
/// the old one is gone and nothing of the new one is sent, `after` once the new one can be used.
class StateChangeHandler {
 public:
  virtual ~StateChangeHandler() = default;
  virtual std::string name() const = 0;
  virtual void before_initializing_session() {}
  virtual void after_initializing_session() {}
  virtual void on_auth_failure() {}
};

struct ZooKeeperClientConfig {
  std::string connect;  // "host:port,host:port/chroot"
  Duration session_timeout = std::chrono::seconds(18);
  Duration connection_timeout = std::chrono::seconds(18);
  int max_in_flight_requests = 10;
};

/// Kafka's ZooKeeperClient (kafka.zookeeper), with the connection, the send thread and the event
/// thread that it has from Apache ZooKeeper's client. Any thread may call. Speaks to one server of
/// the list at a time, and goes on to the next when that is gone, under the same session.
class ZooKeeperClient {
 public:
  ZooKeeperClient(Node& node, ZooKeeperClientConfig config, std::string name,
                  MetricsRegistry* metrics = nullptr);
  ~ZooKeeperClient();

  /// Waits up to connection_timeout for the first session. Throws KafkaException(REQUEST_TIMED_OUT)
  /// naming the servers and what was wrong with each.
  void start();
  /// Ends the session (its ephemeral nodes go at once) and both threads.
  void close();

  /// Sends them in order, pipelined, and waits for all answers. kConnectionLoss and kSessionExpired
  /// are answers like others: the request may or may not have been done.
  std::vector<ZkResponse> handle_requests(std::vector<ZkRequest> requests);
  ZkResponse handle_request(ZkRequest request);
  /// Blocks until connected; throws KafkaException(REQUEST_TIMED_OUT), or
  /// ZkException(kSessionExpired, kAuthFailed) when that is the state.
  void wait_until_connected(Duration timeout = kForever);
  /// Makes the znodes of the chroot where they are missing. Throws ZkException.
  void make_sure_chroot_exists();

  void register_znode_change_handler(std::shared_ptr<ZNodeChangeHandler> handler);
  void unregister_znode_change_handler(const std::string& path);
  void register_znode_child_change_handler(std::shared_ptr<ZNodeChildChangeHandler> handler);
  void unregister_znode_child_change_handler(const std::string& path);
  void register_state_change_handler(std::shared_ptr<StateChangeHandler> handler);
  void unregister_state_change_handler(const std::string& name);

  zk::SessionId session_id() const;
  zk::KeeperState connection_state() const;

 private:
  std::shared_ptr<ClientCnxn> connection() const;
  std::shared_ptr<ClientCnxn> make_connection();
  bool has_watch(const ZkRequest& request) const;
  std::vector<ZkResponse> send_all(std::vector<ZkPacket> packets);
  void take_slot();
  void answered(Duration latency);
  void on_event(const zk::WatcherEvent& event);
  void dispatch(const zk::WatcherEvent& event);
  std::vector<std::shared_ptr<StateChangeHandler>> state_handlers() const;
  /// Replaces an expired session. On the expiry handler's thread.
  void reinitialize();

  Node& node_;
  const ZooKeeperClientConfig config_;
  const std::string name_;
  const ConnectString servers_;

  mutable Mutex mutex_;
  std::shared_ptr<ClientCnxn> connection_ KS_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<ZNodeChangeHandler>> change_handlers_ KS_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<ZNodeChildChangeHandler>> child_change_handlers_
      KS_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<StateChangeHandler>> state_handlers_ KS_GUARDED_BY(mutex_);
  bool closed_ KS_GUARDED_BY(mutex_) = false;

  Mutex slots_mutex_;
  ConditionVariable slot_free_;
  int in_flight_ KS_GUARDED_BY(slots_mutex_) = 0;
  std::unique_ptr<SessionExpiryHandler> expiry_handler_;
  std::unique_ptr<ZooKeeperClientMetrics> metrics_;  // null without a registry; goes first
};

}  // namespace kafkascope

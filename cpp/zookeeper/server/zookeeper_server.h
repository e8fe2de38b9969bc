// ZooKeeperServer: a whole standalone ZooKeeper on one node.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "network/selector.h"
#include "runtime/blocking_queue.h"
#include "zookeeper/server/cnxn_acceptor.h"
#include "zookeeper/server/request_processor.h"

namespace kafkascope::zk {

/// Speaks Apache ZooKeeper 3.8's protocol and keeps its files. One thread does all: in each round
/// it reads what came, applies it, syncs the log once, and only then answers and tells watchers. So
/// what was answered survives a crash, and a client hears of a change before it can read it. Any
/// thread may call the public methods, after startup(); what is looked at is a snapshot that may be
/// ahead of the disk.
class ZooKeeperServer : private Worker {
 public:
  struct SessionInfo {
    SessionId id = 0;
    int32_t timeout_ms = 0;
    std::string client;  // "host:port"; empty while it is not connected
    std::set<std::string> ephemerals;
  };
  struct NodeInfo {
    std::string path;
    Stat stat;
    Data data;
    AclList acl;
  };
  struct WatchInfo {
    std::string path;
    WatchKind kind{};
    SessionId session = 0;
  };

  /// Throws ConfigException.
  ZooKeeperServer(Node& node, ZooKeeperServerConfig config);

  /// Reads the disk, listens and serves. Throws KafkaStorageException, SerializationException for
  /// files that cannot be read, and KafkaException when the address is taken.
  void startup();
  /// Ends connections, not sessions, and leaves a snapshot. Idempotent.
  void shutdown();
  /// Where clients connect; known after startup().
  Endpoint endpoint() const { return endpoint_; }
  /// Why it serves no more (its disk failed); empty while it does.
  std::string failure() const;

  /// Ends a session as if its client had been silent for too long. The next round does it.
  void expire_session(SessionId session);
  /// A fault: watch events leave so much later from now on, and what is behind them on their
  /// connections too.
  void delay_notifications(Duration delay);

  std::vector<SessionInfo> sessions() const;
  /// The tree, sorted by path.
  std::vector<NodeInfo> nodes() const;
  std::optional<NodeInfo> get(const std::string& path) const;
  std::vector<WatchInfo> watches() const;
  Zxid last_zxid() const;
  const ZooKeeperServerConfig& config() const { return config_; }

 private:
  void do_work() override;
  void wakeup() override { selector_.wakeup(); }
  void on_stopped() override;

  SelectorConfig selector_config();
  void serve_round();
  void add_new_cnxns();
  void poll_and_process();
  void process_results();
  void save_snapshot();
  void flush();
  bool flush(ServerCnxn& cnxn, const std::string& channel);
  void drop_closed();
  std::string answer_word(const std::string& channel, std::string_view word);
  Instant next_deadline();
  void fail(const std::string& reason);

  const ZooKeeperServerConfig config_;
  Endpoint endpoint_;
  ConnectionQuotas quotas_;
  Selector selector_;
  BlockingQueue<std::unique_ptr<Connection>> new_connections_;
  std::unique_ptr<CnxnAcceptor> acceptor_;
  std::unique_ptr<File> data_lock_;      // two servers would ruin each other's files
  std::unique_ptr<FileTxnSnapLog> log_;  // the serving thread's, after startup()
  WatcherId next_cnxn_ = 1;
  bool started_ = false;

  mutable Mutex mutex_;
  std::unique_ptr<RequestProcessor> processor_ KS_GUARDED_BY(mutex_);
  std::vector<SessionId> to_expire_ KS_GUARDED_BY(mutex_);
  std::string failure_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope::zk

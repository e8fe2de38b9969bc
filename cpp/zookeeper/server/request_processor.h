// RequestProcessor: requests of all connections, one after the other, against tree, watches and
// sessions.
#pragma once

#include "runtime/node.h"
#include "zookeeper/server/data_tree.h"
#include "zookeeper/server/file_txn_snap_log.h"
#include "zookeeper/server/prep_request_processor.h"
#include "zookeeper/server/server_cnxn.h"
#include "zookeeper/server/session_tracker.h"
#include "zookeeper/server/zookeeper_server_config.h"

namespace kafkascope::zk {

/// The state machine of the server: frames in, frames out. A change is applied and appended to the
/// log at once; the caller commits the log before it sends anything that this put into a
/// connection's `out`. Not thread-safe.
class RequestProcessor {
 public:
  RequestProcessor(Node& node, const ZooKeeperServerConfig& config, FileTxnSnapLog& log);

  /// Reads the disk. Sessions count as heard of now.
  void restore();

  void add_cnxn(WatcherId id, const Endpoint& peer);
  /// Its session goes on until it expires.
  void remove_cnxn(WatcherId id);
  std::map<WatcherId, ServerCnxn>& cnxns() { return cnxns_; }
  const std::map<WatcherId, ServerCnxn>& cnxns() const { return cnxns_; }

  /// One frame, from a connection that is there. What is no request ends the connection.
  void process(WatcherId id, ByteView frame);
  /// Ends the sessions whose time is up.
  void expire_due();
  /// Ends this one now. False: there is none.
  bool expire(SessionId session);

  const DataTree& tree() const { return tree_; }
  const WatchManager& watches() const { return watches_; }
  const SessionTracker& sessions() const { return sessions_; }
  Duration notification_delay{};  // a fault: how late watch events leave
  int64_t received = 0;           // frames of all connections so far
  int64_t sent = 0;

 private:
  void respond(ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in);
  void handle(ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in, JuteWriter& out);
  void send(ServerCnxn& cnxn, ByteBuffer frame, Duration delay = {});

  // Changes: request_writes.cpp.
  void write(const ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in, JuteWriter& out);
  void multi(const ServerCnxn& cnxn, const RequestHeader& header, JuteReader& in, JuteWriter& out);
  void write_result(OpCode type, const TxnRecord& record, JuteWriter& out) const;
  TxnHeader append(SessionId session, int32_t cxid, OpCode type, const TxnRecord& record);
  void apply(const TxnHeader& header, const TxnRecord& record);

  // Reads: request_reads.cpp.
  void exists(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out);
  void get_data(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out);
  void get_children(OpCode type, const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out);
  void get_acl(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) const;
  void get_ephemerals(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) const;
  void count_children(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) const;
  void multi_read(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out);
  const DataNode& readable(const std::string& path, int32_t permission,
                           const ServerCnxn& cnxn) const;

  // Watches: request_watches.cpp.
  void add_watch(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out);
  void find_watches(OpCode type, const ServerCnxn& cnxn, JuteReader& in);
  void set_watches(OpCode type, ServerCnxn& cnxn, JuteReader& in);
  void notify(ServerCnxn& cnxn, EventType type, const std::string& path);

  // Sessions: request_sessions.cpp.
  void connect(ServerCnxn& cnxn, JuteReader& in);
  void create_session(ServerCnxn& cnxn, int32_t timeout_ms);
  bool reopen_session(ServerCnxn& cnxn, const ConnectRequest& request, int32_t timeout_ms);
  void close_session(SessionId session, int32_t cxid);
  void authenticate_as(ServerCnxn& cnxn, JuteReader& in);
  ServerCnxn* cnxn_of(SessionId session);

  Node& node_;
  const ZooKeeperServerConfig& config_;
  FileTxnSnapLog& log_;
  DataTree tree_;
  WatchManager watches_;
  SessionTracker sessions_;
  std::map<WatcherId, ServerCnxn> cnxns_;
  std::map<SessionId, WatcherId> cnxn_ids_;
  SessionId next_session_ = 0;
};

/// "0x1000...": how sessions are written everywhere.
std::string session_text(SessionId session);

}  // namespace kafkascope::zk

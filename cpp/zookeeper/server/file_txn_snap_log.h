// FileTxnSnapLog: the newest snapshot and the log behind it, which together are the server's state.
#pragma once

#include "zookeeper/server/file_snap.h"
#include "zookeeper/server/file_txn_log.h"

namespace kafkascope::zk {

struct SnapLogConfig {
  std::string data_dir;  // snapshots, in its version-2
  std::string log_dir;   // logs, in its version-2
  bool force_sync = true;
  int snap_count = 100'000;  // transactions from one snapshot to the next
  int snap_retain_count = 3;
  bool purge = false;  // older snapshots, and the logs that only they need
};

/// One thread's. Throws KafkaStorageException when the disk fails, and SerializationException
/// naming the file when what is on it cannot be read.
class FileTxnSnapLog {
 public:
  /// Makes the directories.
  FileTxnSnapLog(Node& node, SnapLogConfig config);

  /// The state as of the last commit. What a crash tore off the log's end, and nobody was told of,
  /// is cut off.
  void restore(DataTree& tree, SessionTimeouts& sessions);

  void append(const Txn& txn);
  void commit() { log_.commit(); }
  /// snapCount transactions were appended since the last snapshot.
  bool snapshot_due() const { return since_snapshot_ >= config_.snap_count; }
  /// Of a state that is committed.
  void save_snapshot(Zxid zxid, ByteView snapshot);

 private:
  void read_newest_snapshot(DataTree& tree, SessionTimeouts& sessions);
  void replay(const ZxidFile& file, bool newest, DataTree& tree, SessionTimeouts& sessions);
  void cut(const std::string& path, size_t valid_bytes);
  void purge();

  Node& node_;
  const SnapLogConfig config_;
  const std::string snap_dir_, log_dir_;
  FileTxnLog log_;
  int since_snapshot_ = 0;
};

}  // namespace kafkascope::zk

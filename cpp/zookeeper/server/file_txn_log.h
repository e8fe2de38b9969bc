// FileTxnLog: the transactions since a snapshot, in files "log.<first zxid>".
#pragma once

#include <functional>
#include <memory>

#include "runtime/node.h"
#include "zookeeper/server/file_formats.h"
#include "zookeeper/server/txn.h"

namespace kafkascope::zk {

/// Appends. One thread's. Throws KafkaStorageException.
class FileTxnLog {
 public:
  FileTxnLog(Node& node, std::string directory, bool force_sync)
      : node_(node), directory_(std::move(directory)), force_sync_(force_sync) {}

  /// Into memory only.
  void append(const Txn& txn);
  /// Writes what was appended, and syncs unless forceSync=no: it then survives a loss of power.
  void commit();
  /// The next transaction begins a new file. Everything was committed.
  void roll() { file_.reset(); }

 private:
  void begin_file(Zxid zxid);

  Node& node_;
  const std::string directory_;
  const bool force_sync_;
  std::unique_ptr<File> file_;
  Zxid first_pending_ = 0;
  ByteBuffer pending_;
};

/// Where the whole entries of a log file's bytes end.
struct LogScan {
  size_t valid_bytes = 0;  // 0: not even a header
  /// Something other than zeros follows: a write that a crash tore, or damage.
  bool torn = false;
};

/// Hands out the transactions of a log file's bytes up to the first that is not whole.
LogScan scan_log(ByteView bytes, const std::function<void(const Txn&)>& each);

}  // namespace kafkascope::zk

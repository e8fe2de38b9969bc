#include "zookeeper/server/file_txn_snap_log.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "common/logging.h"

namespace kafkascope::zk {
namespace {

const std::string kVersionDir = "/version-2";

void replay_session(const Txn& txn, SessionTimeouts& sessions) {
  if (const auto* created = std::get_if<CreateSessionTxn>(&txn.record))
    sessions[txn.header.session] = created->timeout_ms;
  if (std::holds_alternative<CloseSessionTxn>(txn.record)) sessions.erase(txn.header.session);
}

}  // namespace

FileTxnSnapLog::FileTxnSnapLog(Node& node, SnapLogConfig config)
    : node_(node),
      config_(std::move(config)),
      snap_dir_(config_.data_dir + kVersionDir),
      log_dir_(config_.log_dir + kVersionDir),
      log_(node, log_dir_, config_.force_sync) {
  for (const std::string& directory : {snap_dir_, log_dir_}) {
    node_.files().create_directories(directory);
    node_.files().sync_dir(parent_path(directory));
    node_.files().sync_dir(parent_path(parent_path(directory)));
  }
}

void FileTxnSnapLog::restore(DataTree& tree, SessionTimeouts& sessions) {
  read_newest_snapshot(tree, sessions);
  const std::vector<ZxidFile> logs = zxid_files(node_.files(), log_dir_, "log");
  // From the last file that begins at or before the transaction after the snapshot.
  auto from = std::ranges::upper_bound(logs, tree.last_zxid() + 1, {}, &ZxidFile::zxid);
  if (from != logs.begin()) --from;
  for (; from != logs.end(); ++from) replay(*from, from + 1 == logs.end(), tree, sessions);
}

void FileTxnSnapLog::read_newest_snapshot(DataTree& tree, SessionTimeouts& sessions) {
  std::vector<ZxidFile> snapshots = zxid_files(node_.files(), snap_dir_, "snapshot");
  std::string damage;
  for (; !snapshots.empty(); snapshots.pop_back()) {
    const ZxidFile& newest = snapshots.back();
    try {
      decode_snapshot(read_file(node_.files(), newest.path), tree, sessions);
      tree.set_last_zxid(newest.zxid);
      return;
    } catch (const SerializationException& e) {
      damage = fmt::format("{}: {}", newest.path, e.what());
      KS_LOG(kWarn, node_.name(), "{}; trying an older snapshot", damage);
    }
  }
  const std::vector<ZxidFile> logs = zxid_files(node_.files(), log_dir_, "log");
  // Without a snapshot only a log from the very first transaction on is the whole story.
  if (!damage.empty() && (logs.empty() || logs.front().zxid > 1))
    throw SerializationException("no snapshot can be read: " + damage);
  if (!logs.empty() && logs.front().zxid > 1)
    throw SerializationException(
        fmt::format("{} has logs, but {} no snapshot", log_dir_, snap_dir_));
  tree = DataTree();
  sessions.clear();
}

void FileTxnSnapLog::replay(const ZxidFile& file, bool newest, DataTree& tree,
                            SessionTimeouts& sessions) {
  const ByteBuffer bytes = read_file(node_.files(), file.path);
  LogScan scan;
  try {
    scan = scan_log(bytes, [&](const Txn& txn) {
      if (txn.header.zxid <= tree.last_zxid()) return;
      tree.apply(txn.header, txn.record);
      replay_session(txn, sessions);
      ++since_snapshot_;
    });
  } catch (const SerializationException& e) {
    throw SerializationException(fmt::format("{}: {}", file.path, e.what()));
  }
  if (!newest && scan.torn)
    throw SerializationException(fmt::format("{}: damaged at byte {} of {}, and newer logs follow",
                                             file.path, scan.valid_bytes, bytes.size()));
  if (newest && (scan.valid_bytes < bytes.size() || scan.valid_bytes <= kFileHeaderSize))
    cut(file.path, scan.valid_bytes);
}

void FileTxnSnapLog::cut(const std::string& path, size_t valid_bytes) {
  KS_LOG(kInfo, node_.name(), "{}: cut behind its last whole entry, at byte {}", path, valid_bytes);
  if (valid_bytes <= kFileHeaderSize) {  // the next file may want its name
    node_.files().remove(path);
    node_.files().sync_dir(log_dir_);
    return;
  }
  const std::unique_ptr<File> file = node_.files().open(path, OpenMode::kReadWrite);
  file->truncate(valid_bytes);
  file->sync();
}

void FileTxnSnapLog::append(const Txn& txn) {
  log_.append(txn);
  ++since_snapshot_;
}

void FileTxnSnapLog::save_snapshot(Zxid zxid, ByteView snapshot) {
  write_file_atomically(node_.files(), snap_dir_ + "/" + zxid_file_name("snapshot", zxid),
                        snapshot);
  log_.roll();
  since_snapshot_ = 0;
  if (config_.purge) purge();
}

void FileTxnSnapLog::purge() {
  const std::vector<ZxidFile> snapshots = zxid_files(node_.files(), snap_dir_, "snapshot");
  const auto retained = static_cast<size_t>(config_.snap_retain_count);
  if (snapshots.size() <= retained) return;
  const size_t gone = snapshots.size() - retained;
  for (size_t i = 0; i < gone; ++i) node_.files().remove(snapshots[i].path);
  const std::vector<ZxidFile> logs = zxid_files(node_.files(), log_dir_, "log");
  for (size_t i = 0; i + 1 < logs.size() && logs[i + 1].zxid <= snapshots[gone].zxid + 1; ++i)
    node_.files().remove(logs[i].path);
}

}  // namespace kafkascope::zk

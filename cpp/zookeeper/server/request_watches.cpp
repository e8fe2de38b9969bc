// Requests about watches, and the events that fire them.
#include "zookeeper/server/request_processor.h"
#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {
namespace {

std::vector<WatchKind> kinds_of(int32_t watcher_type) {
  using enum WatchKind;
  if (watcher_type == 1) return {kChildren};
  if (watcher_type == 2) return {kData};
  if (watcher_type == 3) return {kData, kChildren, kPersistent, kPersistentRecursive};
  throw ZkException(ZkError::kBadArguments, "watcher type " + std::to_string(watcher_type));
}

}  // namespace

void RequestProcessor::notify(ServerCnxn& cnxn, EventType type, const std::string& path) {
  KS_TRACE(node_, "WatchFired", {"path", path}, {"session", session_text(cnxn.session)},
           {"event", static_cast<int64_t>(type)});
  const ReplyHeader header{kNotificationXid, -1, ZkError::kOk};
  send(cnxn, encode(header, WatcherEvent{type, KeeperState::kSyncConnected, path}),
       notification_delay);
}

void RequestProcessor::add_watch(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) {
  WatchModeRequest request;
  in(request);
  if (!is_valid_path(request.path) || request.mode < 0 || request.mode > 1)
    throw ZkException(ZkError::kBadArguments, request.path);
  using enum WatchKind;
  const bool recursive = request.mode == 1;
  watches_.remove(request.path, recursive ? kPersistent : kPersistentRecursive, cnxn.id);
  watches_.add(request.path, recursive ? kPersistentRecursive : kPersistent, cnxn.id);
  out(ErrorResponse{ZkError::kOk});
}

void RequestProcessor::find_watches(OpCode type, const ServerCnxn& cnxn, JuteReader& in) {
  WatchModeRequest request;
  in(request);
  bool any = false;
  for (const WatchKind kind : kinds_of(request.mode)) {
    any |= type == OpCode::kRemoveWatches ? watches_.remove(request.path, kind, cnxn.id)
                                          : watches_.contains(request.path, kind, cnxn.id);
  }
  if (!any) throw ZkException(ZkError::kNoWatcher, request.path);
}

// A client that comes back says what it has seen: what changed since then is told at once.
void RequestProcessor::set_watches(OpCode type, ServerCnxn& cnxn, JuteReader& in) {
  SetWatches2Request request;
  if (type == OpCode::kSetWatches2) {
    in(request);
  } else {
    in(request.watches);
  }
  const Zxid seen = request.watches.relative_zxid;
  for (const std::string& path : request.watches.data_watches) {
    const DataNode* node = tree_.find(path);
    if (node == nullptr) {
      notify(cnxn, EventType::kNodeDeleted, path);
    } else if (node->stat.mzxid > seen) {
      notify(cnxn, EventType::kNodeDataChanged, path);
    } else {
      watches_.add(path, WatchKind::kData, cnxn.id);
    }
  }
  for (const std::string& path : request.watches.exist_watches) {
    if (tree_.find(path) != nullptr) {
      notify(cnxn, EventType::kNodeCreated, path);
    } else {
      watches_.add(path, WatchKind::kData, cnxn.id);
    }
  }
  for (const std::string& path : request.watches.child_watches) {
    const DataNode* node = tree_.find(path);
    if (node == nullptr) {
      notify(cnxn, EventType::kNodeDeleted, path);
    } else if (node->stat.pzxid > seen) {
      notify(cnxn, EventType::kNodeChildrenChanged, path);
    } else {
      watches_.add(path, WatchKind::kChildren, cnxn.id);
    }
  }
  for (const std::string& path : request.persistent_watches)
    watches_.add(path, WatchKind::kPersistent, cnxn.id);
  for (const std::string& path : request.persistent_recursive_watches)
    watches_.add(path, WatchKind::kPersistentRecursive, cnxn.id);
}

}  // namespace kafkascope::zk

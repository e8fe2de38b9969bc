// Requests that change nothing but watches.
#include "zookeeper/server/request_processor.h"
#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {
namespace {

PathWatchRequest read_path_watch(JuteReader& in) {
  PathWatchRequest request;
  in(request);
  if (!is_valid_path(request.path)) throw ZkException(ZkError::kBadArguments, request.path);
  return request;
}

}  // namespace

const DataNode& RequestProcessor::readable(const std::string& path, int32_t permission,
                                           const ServerCnxn& cnxn) const {
  const DataNode* node = tree_.find(path);
  if (node == nullptr) throw ZkException(ZkError::kNoNode, path);
  if (!is_allowed(node->acl, permission, cnxn.who)) throw ZkException(ZkError::kNoAuth, path);
  return *node;
}

void RequestProcessor::exists(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) {
  const PathWatchRequest request = read_path_watch(in);
  const DataNode* node = tree_.find(request.path);
  if (node != nullptr) readable(request.path, kRead, cnxn);
  if (request.watch) watches_.add(request.path, WatchKind::kData, cnxn.id);  // also for one to come
  if (node == nullptr) throw ZkException(ZkError::kNoNode, request.path);
  out(StatResponse{DataTree::stat_of(*node)});
}

void RequestProcessor::get_data(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) {
  const PathWatchRequest request = read_path_watch(in);
  const DataNode& node = readable(request.path, kRead, cnxn);
  if (request.watch) watches_.add(request.path, WatchKind::kData, cnxn.id);
  out(node.data, DataTree::stat_of(node));
}

void RequestProcessor::get_children(OpCode type, const ServerCnxn& cnxn, JuteReader& in,
                                    JuteWriter& out) {
  const PathWatchRequest request = read_path_watch(in);
  const DataNode& node = readable(request.path, kRead, cnxn);
  if (request.watch) watches_.add(request.path, WatchKind::kChildren, cnxn.id);
  out(std::vector<std::string>(node.children.begin(), node.children.end()));
  if (type == OpCode::kGetChildren2) out(DataTree::stat_of(node));
}

void RequestProcessor::get_acl(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) const {
  PathRequest request;
  in(request);
  const DataNode& node = readable(request.path, kRead | kAdmin, cnxn);
  const bool unmasked = is_allowed(node.acl, kAdmin, cnxn.who);
  out(GetAclResponse{unmasked ? node.acl : mask_acl(node.acl), DataTree::stat_of(node)});
}

void RequestProcessor::get_ephemerals(const ServerCnxn& cnxn, JuteReader& in,
                                      JuteWriter& out) const {
  PathRequest request;  // a prefix
  in(request);
  std::vector<std::string> paths;
  for (const std::string& path : tree_.ephemerals_of(cnxn.session)) {
    if (path.starts_with(request.path)) paths.push_back(path);
  }
  out(paths);
}

void RequestProcessor::count_children(const ServerCnxn& cnxn, JuteReader& in,
                                      JuteWriter& out) const {
  PathRequest request;
  in(request);
  readable(request.path, kRead, cnxn);
  out(AllChildrenNumberResponse{tree_.count_below(request.path)});
}

void RequestProcessor::multi_read(const ServerCnxn& cnxn, JuteReader& in, JuteWriter& out) {
  for (;;) {
    MultiHeader part;
    in(part);
    if (part.done) return out(MultiHeader{OpCode::kError, true, static_cast<ZkError>(-1)});
    JuteWriter result;
    ZkError error = ZkError::kOk;
    try {
      if (part.type == OpCode::kGetData) {
        get_data(cnxn, in, result);
      } else if (part.type == OpCode::kGetChildren) {
        get_children(part.type, cnxn, in, result);
      } else {
        in.in().fail("neither getData nor getChildren in a multiRead");
      }
    } catch (const ZkException& e) {
      error = e.code();
    }
    if (error != ZkError::kOk) {
      out(MultiHeader{OpCode::kError, false, error}, ErrorResponse{error});
      continue;
    }
    out(MultiHeader{part.type, false, ZkError::kOk});
    out.out().write_bytes(result.out().view());
  }
}

}  // namespace kafkascope::zk

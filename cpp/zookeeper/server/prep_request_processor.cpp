#include "zookeeper/server/prep_request_processor.h"

#include <fmt/core.h>

#include "zookeeper/server/zk_path.h"

namespace kafkascope::zk {
namespace {

template <typename T>
WriteRequest read_as(OpCode type, JuteReader& in) {
  T body;
  in(body);
  return {type, std::move(body)};
}

void require_valid(const std::string& path) {
  if (!is_valid_path(path)) throw ZkException(ZkError::kBadArguments, path);
}

/// The version after a change that expects this one.
int32_t next_version(int32_t current, int32_t expected, const std::string& path) {
  if (expected != kAnyVersion && expected != current) throw ZkException(ZkError::kBadVersion, path);
  return static_cast<int32_t>(static_cast<uint32_t>(current) + 1);
}

/// Ephemeral and sequential are bits of it.
int32_t flags_of(const CreateRequest& request) {
  const auto flags = static_cast<int32_t>(request.flags);
  if (flags < 0 || flags > static_cast<int32_t>(CreateMode::kPersistentSequentialWithTtl))
    throw ZkException(ZkError::kBadArguments, request.path);
  if (flags > static_cast<int32_t>(CreateMode::kEphemeralSequential))
    throw ZkException(ZkError::kUnimplemented, request.path);
  return flags;
}

}  // namespace

WriteRequest read_write_request(OpCode type, JuteReader& in) {
  switch (type) {
    case OpCode::kCreate:
    case OpCode::kCreate2:
      return read_as<CreateRequest>(type, in);
    case OpCode::kDelete:
    case OpCode::kCheck:
      return read_as<PathVersionRequest>(type, in);
    case OpCode::kSetData:
      return read_as<SetDataRequest>(type, in);
    case OpCode::kSetAcl:
      return read_as<SetAclRequest>(type, in);
    default:
      throw ZkException(ZkError::kUnimplemented,
                        "operation " + std::to_string(static_cast<int32_t>(type)));
  }
}

std::vector<WriteRequest> read_multi_request(JuteReader& in) {
  std::vector<WriteRequest> parts;
  for (;;) {
    MultiHeader header;
    in(header);
    if (header.done) return parts;
    if (header.type == OpCode::kSetAcl)
      throw ZkException(ZkError::kUnimplemented, "setACL in multi");
    parts.push_back(read_write_request(header.type, in));
  }
}

TxnRecord PrepRequestProcessor::prepare(const WriteRequest& request) {
  return std::visit([&](const auto& body) { return plan(request.type, body); }, request.body);
}

TxnRecord PrepRequestProcessor::plan(OpCode, const CreateRequest& request) {
  const int32_t flags = flags_of(request);
  const bool ephemeral = (flags & static_cast<int32_t>(CreateMode::kEphemeral)) != 0;
  const bool sequential = (flags & static_cast<int32_t>(CreateMode::kPersistentSequential)) != 0;
  // A sequential node's name may be nothing but its number.
  require_valid(sequential ? request.path + "1" : request.path);
  const std::string parent_path = parent_of(request.path);
  NodeView& parent = existing(parent_path);
  std::optional<AclList> acl = fix_acl(request.acl, who_);
  if (!acl) throw ZkException(ZkError::kInvalidAcl, request.path);
  require(parent, kCreate, request.path);
  std::string path = request.path;
  if (sequential) path += fmt::format("{:010}", parent.cversion);
  if (view(path).exists) throw ZkException(ZkError::kNodeExists, path);
  if (parent.ephemeral_owner != 0) throw ZkException(ZkError::kNoChildrenForEphemerals, path);
  ++parent.children;
  ++parent.cversion;
  views_[path] = {.exists = true, .ephemeral_owner = ephemeral ? session_ : 0, .acl = *acl};
  return CreateTxn{path, request.data, std::move(*acl), ephemeral, parent.cversion};
}

/// Delete and check.
TxnRecord PrepRequestProcessor::plan(OpCode type, const PathVersionRequest& request) {
  require_valid(request.path);
  if (type == OpCode::kCheck) {
    const NodeView& node = existing(request.path);
    require(node, kRead, request.path);
    next_version(node.version, request.version, request.path);
    return CheckVersionTxn{request.path, node.version};
  }
  if (DataTree::is_special(request.path)) throw ZkException(ZkError::kBadArguments, request.path);
  NodeView& parent = existing(parent_of(request.path));
  require(parent, kDelete, request.path);
  NodeView& node = existing(request.path);
  next_version(node.version, request.version, request.path);
  if (node.children > 0) throw ZkException(ZkError::kNotEmpty, request.path);
  node.exists = false;
  --parent.children;
  return DeleteTxn{request.path};
}

TxnRecord PrepRequestProcessor::plan(OpCode, const SetDataRequest& request) {
  require_valid(request.path);
  NodeView& node = existing(request.path);
  require(node, kWrite, request.path);
  node.version = next_version(node.version, request.version, request.path);
  return SetDataTxn{request.path, request.data, node.version};
}

TxnRecord PrepRequestProcessor::plan(OpCode, const SetAclRequest& request) {
  require_valid(request.path);
  NodeView& node = existing(request.path);
  std::optional<AclList> acl = fix_acl(request.acl, who_);
  if (!acl) throw ZkException(ZkError::kInvalidAcl, request.path);
  require(node, kAdmin, request.path);
  node.aversion = next_version(node.aversion, request.version, request.path);
  return SetAclTxn{request.path, std::move(*acl), node.aversion};
}

PrepRequestProcessor::NodeView& PrepRequestProcessor::view(const std::string& path) {
  const auto [at, added] = views_.try_emplace(path);
  const DataNode* node = added ? tree_.find(path) : nullptr;
  if (node != nullptr) {
    const Stat& stat = node->stat;
    at->second = {true,          stat.version,         stat.cversion,
                  stat.aversion, stat.ephemeral_owner, node->children.size(),
                  node->acl};
  }
  return at->second;
}

PrepRequestProcessor::NodeView& PrepRequestProcessor::existing(const std::string& path) {
  NodeView& node = view(path);
  if (!node.exists) throw ZkException(ZkError::kNoNode, path);
  return node;
}

void PrepRequestProcessor::require(const NodeView& node, int32_t permission,
                                   const std::string& path) const {
  if (!is_allowed(node.acl, permission, who_)) throw ZkException(ZkError::kNoAuth, path);
}

}  // namespace kafkascope::zk

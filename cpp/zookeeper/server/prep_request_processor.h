// PrepRequestProcessor: is this change allowed, and which transaction is it?
#pragma once

#include <variant>

#include "zookeeper/server/acl.h"
#include "zookeeper/server/data_tree.h"
#include "zookeeper/zk_protocol.h"

namespace kafkascope::zk {

/// A request that changes the tree, or (check) is one part of a multi.
struct WriteRequest {
  OpCode type{};
  std::variant<CreateRequest, PathVersionRequest, SetDataRequest, SetAclRequest> body;
};

/// Throws SerializationException, or ZkException(kUnimplemented) for other types.
WriteRequest read_write_request(OpCode type, JuteReader& in);
/// The parts of a multi. Throws as above.
std::vector<WriteRequest> read_multi_request(JuteReader& in);

/// Decides against the tree and changes nothing. Serves one request: the parts of a multi see what
/// the parts before them will have done.
class PrepRequestProcessor {
 public:
  PrepRequestProcessor(const DataTree& tree, SessionId session, const std::vector<AuthId>& who)
      : tree_(tree), session_(session), who_(who) {}

  /// The transaction. Throws ZkException with the code that the client gets.
  TxnRecord prepare(const WriteRequest& request);

 private:
  /// What the checks need to know of a node.
  struct NodeView {
    bool exists = false;
    int32_t version = 0, cversion = 0, aversion = 0;
    SessionId ephemeral_owner = 0;
    size_t children = 0;
    AclList acl;
  };

  TxnRecord plan(OpCode type, const CreateRequest& request);
  TxnRecord plan(OpCode type, const PathVersionRequest& request);
  TxnRecord plan(OpCode type, const SetDataRequest& request);
  TxnRecord plan(OpCode type, const SetAclRequest& request);
  NodeView& view(const std::string& path);
  /// Throws NoNode.
  NodeView& existing(const std::string& path);
  void require(const NodeView& node, int32_t permission, const std::string& path) const;

  const DataTree& tree_;
  const SessionId session_;
  const std::vector<AuthId>& who_;
  std::map<std::string, NodeView> views_;  // of the nodes touched so far
};

}  // namespace kafkascope::zk

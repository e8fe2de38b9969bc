// ZkRequest and ZkResponse: what a client asks of ZooKeeper, as values.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "zookeeper/zk_types.h"

namespace kafkascope {

/// One request. Paths are relative to the chroot.
struct ZkRequest {
  struct Create {
    zk::Data data;
    zk::CreateMode mode = zk::CreateMode::kPersistent;
  };
  struct Delete {
    int32_t version = zk::kAnyVersion;
  };
  struct Exists {};
  struct GetData {};
  struct SetData {
    zk::Data data;
    int32_t version = zk::kAnyVersion;
  };
  struct GetChildren {
    bool register_watch = true;
  };
  struct GetAcl {};
  struct Check {
    int32_t version = zk::kAnyVersion;
  };
  /// All or nothing. Create, Delete, SetData and Check only.
  struct Multi {
    std::vector<ZkRequest> operations;
  };

  std::string path;
  std::variant<Create, Delete, Exists, GetData, SetData, GetChildren, GetAcl, Check, Multi>
      operation = Exists{};
};

/// The answer to one request; what is meaningful depends on its kind.
struct ZkResponse {
  zk::ZkError error = zk::ZkError::kOk;
  std::string path;  // of the request; of a create: the name that the node got
  zk::Data data;
  zk::Stat stat;  // GetData, SetData, Exists, GetChildren; Create outside of a multi
  std::vector<std::string> children;
  zk::AclList acl;
  std::vector<ZkResponse> parts;  // of a multi: each operation's own

  bool ok() const { return error == zk::ZkError::kOk; }
  /// Throws ZkException unless ok.
  const ZkResponse& value() const;
};

}  // namespace kafkascope

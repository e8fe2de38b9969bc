#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

std::string to_string(ZkError error) {
  switch (error) {
    case ZkError::kOk:
      return "Ok";
    case ZkError::kSystemError:
      return "SystemError";
    case ZkError::kRuntimeInconsistency:
      return "RuntimeInconsistency";
    case ZkError::kConnectionLoss:
      return "ConnectionLoss";
    case ZkError::kMarshallingError:
      return "MarshallingError";
    case ZkError::kUnimplemented:
      return "Unimplemented";
    case ZkError::kOperationTimeout:
      return "OperationTimeout";
    case ZkError::kBadArguments:
      return "BadArguments";
    case ZkError::kNoNode:
      return "NoNode";
    case ZkError::kNoAuth:
      return "NoAuth";
    case ZkError::kBadVersion:
      return "BadVersion";
    case ZkError::kNoChildrenForEphemerals:
      return "NoChildrenForEphemerals";
    case ZkError::kNodeExists:
      return "NodeExists";
    case ZkError::kNotEmpty:
      return "NotEmpty";
    case ZkError::kSessionExpired:
      return "SessionExpired";
    case ZkError::kInvalidCallback:
      return "InvalidCallback";
    case ZkError::kInvalidAcl:
      return "InvalidACL";
    case ZkError::kAuthFailed:
      return "AuthFailed";
    case ZkError::kSessionMoved:
      return "SessionMoved";
    case ZkError::kNotReadOnly:
      return "NotReadOnly";
    case ZkError::kEphemeralOnLocalSession:
      return "EphemeralOnLocalSession";
    case ZkError::kNoWatcher:
      return "NoWatcher";
  }
  return "error " + std::to_string(static_cast<int32_t>(error));
}

ZkException::ZkException(ZkError code, const std::string& path)
    : std::runtime_error(to_string(code) + " for " + path), code_(code) {}

}  // namespace kafkascope::zk

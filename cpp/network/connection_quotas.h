// ConnectionQuotas: how many connections there may be, in all and from one address.
#pragma once

#include <map>
#include <string>

#include "network/socket_server_config.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's ConnectionQuotas. Any thread may call.
class ConnectionQuotas {
 public:
  ConnectionQuotas(Node& node, const SocketServerConfig& config)
      : config_(config), mutex_(node, "connection quotas") {}

  /// False, and nothing counted, when a limit is reached.
  bool try_add(const std::string& address);
  void remove(const std::string& address);
  int count() const;

 private:
  int limit_of(const std::string& address) const;

  const SocketServerConfig& config_;
  mutable Mutex mutex_;
  std::map<std::string, int> counts_ KS_GUARDED_BY(mutex_);
  int total_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope

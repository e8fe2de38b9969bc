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
  ConnectionQuotas(Node& node, ConnectionLimits limits)
      : mutex_(node, "connection quotas"), limits_(std::move(limits)) {}

  /// For connections from now on: those that are open stay.
  void set_limits(ConnectionLimits limits);
  /// False, and nothing counted, when a limit is reached.
  bool try_add(const std::string& address);
  void remove(const std::string& address);
  int count() const;

 private:
  int limit_of(const std::string& address) const KS_REQUIRES(mutex_);

  mutable Mutex mutex_;
  ConnectionLimits limits_ KS_GUARDED_BY(mutex_);
  std::map<std::string, int> counts_ KS_GUARDED_BY(mutex_);
  int total_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope

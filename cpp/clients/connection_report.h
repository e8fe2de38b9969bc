// ConnectionReport: what became of each address that a client tried, so that an error can say why
// nothing happens.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clients/cluster.h"
#include "runtime/threads.h"

namespace kafkascope {

/// One address, as the client last saw it.
struct NodeConnection {
  BrokerNode node;
  bool connected = false;  // now
  bool ever_connected = false;
  bool answered = false;  // sent at least one response
  int64_t attempts = 0;
  std::string last_error;  // "Connection refused"; empty when the last attempt has not failed
};

/// The network thread writes, any thread reads and waits.
class ConnectionReport {
 public:
  explicit ConnectionReport(Node& node);

  void connecting(const BrokerNode& node);
  void connected(BrokerId id);
  void answered(BrokerId id);
  void failed(BrokerId id, std::string error);

  std::vector<NodeConnection> connections() const;
  /// True once a broker that the cluster advertised (not only a bootstrap address) answered.
  bool reached_cluster() const;
  /// Waits for reached_cluster(). False when the deadline passed first.
  bool await_cluster(Instant deadline) const;

  /// One sentence for an exception: which address was tried, what it answered, what to do. Names
  /// both sides when a bootstrap address answers but what the brokers advertise does not. Empty
  /// when nothing has failed.
  std::string explain() const;
  /// explain(), or that no answer came yet.
  std::string explain_or_waiting() const;

 private:
  bool reached() const KS_REQUIRES(mutex_);

  mutable Mutex mutex_;
  mutable ConditionVariable changed_;
  std::map<BrokerId, NodeConnection> nodes_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

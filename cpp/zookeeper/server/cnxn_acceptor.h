// CnxnAcceptor: waits at the client port (the accept thread of ZooKeeper's NIOServerCnxnFactory).
#pragma once

#include <functional>
#include <memory>

#include "network/connection_quotas.h"
#include "runtime/network.h"
#include "runtime/worker.h"

namespace kafkascope::zk {

/// Hands each connection, counted by the quotas, to `take`; one beyond maxClientCnxns is closed.
class CnxnAcceptor : public Worker {
 public:
  using Take = std::function<void(std::unique_ptr<Connection>)>;
  CnxnAcceptor(Node& node, std::unique_ptr<Listener> listener, ConnectionQuotas& quotas, Take take);

 protected:
  void do_work() override;
  void wakeup() override { poller_->wakeup(); }
  void on_stopped() override;

 private:
  std::unique_ptr<Listener> listener_;
  ConnectionQuotas& quotas_;
  const Take take_;
  std::unique_ptr<Poller> poller_;
};

}  // namespace kafkascope::zk

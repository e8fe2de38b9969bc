// Acceptor: waits at one listener and deals connections out to the Processors.
#pragma once

#include <memory>
#include <vector>

#include "network/processor.h"

namespace kafkascope {

/// Kafka's Acceptor. One thread a listener; round robin.
class Acceptor : public Worker {
 public:
  /// `processors` must outlive the acceptor.
  Acceptor(Node& node, std::string name, std::unique_ptr<Listener> listener,
           std::vector<Processor*> processors, ConnectionQuotas& quotas, int send_buffer_bytes);

  Endpoint endpoint() const { return endpoint_; }

 protected:
  void do_work() override;
  void wakeup() override { poller_->wakeup(); }
  void on_stopped() override;

 private:
  void assign(std::unique_ptr<Connection> connection);

  std::unique_ptr<Listener> listener_;
  const Endpoint endpoint_;
  const std::vector<Processor*> processors_;
  ConnectionQuotas& quotas_;
  const int send_buffer_bytes_;
  std::unique_ptr<Poller> poller_;
  size_t next_ = 0;
};

}  // namespace kafkascope

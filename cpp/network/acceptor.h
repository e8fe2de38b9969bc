// Acceptor: waits at one listener and deals connections out to the Processors.
#pragma once

#include <memory>
#include <vector>

#include "network/processor.h"

namespace kafkascope {

/// Kafka's Acceptor. One thread a listener; round robin over its Processors.
class Acceptor : public Worker {
 public:
  Acceptor(Node& node, std::string name, std::unique_ptr<Listener> listener,
           ConnectionQuotas& quotas, const SocketServerConfig& config);

  Endpoint endpoint() const { return endpoint_; }

  /// Any thread; there is always one Processor when connections come.
  void add_processor(std::shared_ptr<Processor> processor);
  /// Takes the last one away: it gets no more connections.
  std::shared_ptr<Processor> remove_processor();
  std::vector<std::shared_ptr<Processor>> processors() const;

 protected:
  void do_work() override;
  void wakeup() override { poller_->wakeup(); }
  void on_stopped() override;

 private:
  void assign(std::unique_ptr<Connection> connection);
  std::shared_ptr<Processor> next_processor();

  std::unique_ptr<Listener> listener_;
  const Endpoint endpoint_;
  ConnectionQuotas& quotas_;
  const int send_buffer_bytes_;
  const int receive_buffer_bytes_;
  std::unique_ptr<Poller> poller_;
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<Processor>> processors_ KS_GUARDED_BY(mutex_);
  size_t next_ KS_GUARDED_BY(mutex_) = 0;
};

}  // namespace kafkascope

#include "network/acceptor.h"

#include <fmt/core.h>

#include "common/errors.h"
#include "common/logging.h"

namespace kafkascope {
namespace {

constexpr Duration kPollTimeout = std::chrono::milliseconds(500);
constexpr Duration kPauseWithoutDescriptors = std::chrono::milliseconds(50);

}  // namespace

Acceptor::Acceptor(Node& node, std::string name, std::unique_ptr<Listener> listener,
                   ConnectionQuotas& quotas, const SocketServerConfig& config)
    : Worker(node, "acceptor-" + name),
      listener_(std::move(listener)),
      endpoint_(listener_->local_endpoint()),
      quotas_(quotas),
      send_buffer_bytes_(config.socket_send_buffer_bytes),
      receive_buffer_bytes_(config.socket_receive_buffer_bytes),
      poller_(node.network().make_poller()),
      mutex_(node, "acceptor") {
  poller_->set_interest(*listener_, kRead, 0);
}

void Acceptor::do_work() {
  if (poller_->wait(node_.clock().monotonic() + kPollTimeout).empty()) return;
  try {
    while (std::unique_ptr<Connection> connection = listener_->accept())
      assign(std::move(connection));
  } catch (const KafkaException& e) {
    // Out of descriptors: those who are connected go on; the backlog waits.
    KS_LOG(kWarn, node_.name(), "{}: {}", name(), e.what());
    node_.sleep(kPauseWithoutDescriptors);
  }
}

void Acceptor::assign(std::unique_ptr<Connection> connection) {
  const std::string address = connection->peer_endpoint().host;
  if (!quotas_.try_add(address)) {
    KS_LOG(kWarn, node_.name(), "refusing a connection from {}: too many connections", address);
    KS_TRACE(node_, "ConnectionRefused", {"address", address});
    return connection->close();
  }
  if (send_buffer_bytes_ > 0) connection->set_send_buffer(send_buffer_bytes_);
  if (receive_buffer_bytes_ > 0) connection->set_receive_buffer(receive_buffer_bytes_);
  // Outside the lock: it may wait for a Processor with many new connections.
  if (!next_processor()->accept(std::move(connection))) quotas_.remove(address);
}

std::shared_ptr<Processor> Acceptor::next_processor() {
  Lock lock(mutex_);
  return processors_[next_++ % processors_.size()];
}

void Acceptor::add_processor(std::shared_ptr<Processor> processor) {
  Lock lock(mutex_);
  processors_.push_back(std::move(processor));
}

std::shared_ptr<Processor> Acceptor::remove_processor() {
  Lock lock(mutex_);
  std::shared_ptr<Processor> last = std::move(processors_.back());
  processors_.pop_back();
  return last;
}

std::vector<std::shared_ptr<Processor>> Acceptor::processors() const {
  Lock lock(mutex_);
  return processors_;
}

void Acceptor::on_stopped() {
  poller_->remove(*listener_);
  listener_->close();
}

}  // namespace kafkascope

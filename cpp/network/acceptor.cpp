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
                   std::vector<Processor*> processors, ConnectionQuotas& quotas,
                   int send_buffer_bytes)
    : Worker(node, "acceptor-" + name),
      listener_(std::move(listener)),
      endpoint_(listener_->local_endpoint()),
      processors_(std::move(processors)),
      quotas_(quotas),
      send_buffer_bytes_(send_buffer_bytes),
      poller_(node.network().make_poller()) {
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
  Processor& processor = *processors_[next_++ % processors_.size()];
  if (!processor.accept(std::move(connection))) quotas_.remove(address);
}

void Acceptor::on_stopped() {
  poller_->remove(*listener_);
  listener_->close();
}

}  // namespace kafkascope

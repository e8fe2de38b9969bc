#include "zookeeper/server/cnxn_acceptor.h"

#include "common/errors.h"
#include "common/logging.h"

namespace kafkascope::zk {
namespace {

constexpr Duration kPollTimeout = std::chrono::milliseconds(500);
constexpr Duration kPauseWithoutDescriptors = std::chrono::milliseconds(50);

}  // namespace

CnxnAcceptor::CnxnAcceptor(Node& node, std::unique_ptr<Listener> listener, ConnectionQuotas& quotas,
                           Take take)
    : Worker(node, "zookeeper-acceptor"),
      listener_(std::move(listener)),
      quotas_(quotas),
      take_(std::move(take)),
      poller_(node.network().make_poller()) {
  poller_->set_interest(*listener_, kRead, 0);
}

void CnxnAcceptor::do_work() {
  if (poller_->wait(node_.clock().monotonic() + kPollTimeout).empty()) return;
  try {
    while (std::unique_ptr<Connection> connection = listener_->accept()) {
      const std::string address = connection->peer_endpoint().host;
      if (quotas_.try_add(address)) {
        take_(std::move(connection));
      } else {
        KS_LOG(kWarn, node_.name(), "refusing a connection from {}: maxClientCnxns", address);
        connection->close();
      }
    }
  } catch (const KafkaException& e) {
    // Out of descriptors: those who are connected go on; the backlog waits.
    KS_LOG(kWarn, node_.name(), "{}: {}", name(), e.what());
    node_.sleep(kPauseWithoutDescriptors);
  }
}

void CnxnAcceptor::on_stopped() {
  poller_->remove(*listener_);
  listener_->close();
}

}  // namespace kafkascope::zk

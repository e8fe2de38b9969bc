#include "clients/connection_report.h"

namespace kafkascope {

ConnectionReport::ConnectionReport(Node& node)
    : mutex_(node, "connection report"), changed_(node, "connection report") {}

void ConnectionReport::connecting(const BrokerNode& node) {
  Lock lock(mutex_);
  NodeConnection& connection = nodes_[node.id];
  if (connection.node.endpoint != node.endpoint)
    connection = {};  // the broker moved: old errors are not its own
  connection.node = node;
  ++connection.attempts;
}

void ConnectionReport::connected(BrokerId id) {
  Lock lock(mutex_);
  NodeConnection& connection = nodes_[id];
  connection.connected = connection.ever_connected = true;
  connection.last_error.clear();
}

void ConnectionReport::answered(BrokerId id) {
  Lock lock(mutex_);
  NodeConnection& connection = nodes_[id];
  if (connection.answered) return;
  connection.answered = true;
  changed_.notify_all();
}

void ConnectionReport::failed(BrokerId id, std::string error) {
  Lock lock(mutex_);
  NodeConnection& connection = nodes_[id];
  connection.connected = false;
  connection.last_error = std::move(error);
}

std::vector<NodeConnection> ConnectionReport::connections() const {
  Lock lock(mutex_);
  std::vector<NodeConnection> copies;
  for (const auto& [id, connection] : nodes_) copies.push_back(connection);
  return copies;
}

bool ConnectionReport::reached() const {
  for (const auto& [id, connection] : nodes_) {
    if (id >= 0 && connection.answered) return true;
  }
  return false;
}

bool ConnectionReport::reached_cluster() const {
  Lock lock(mutex_);
  return reached();
}

bool ConnectionReport::await_cluster(Instant deadline) const {
  Lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [this] { return reached(); });
}

std::string ConnectionReport::explain_or_waiting() const {
  const std::string why = explain();
  if (!why.empty()) return why;
  std::string tried;
  for (const NodeConnection& connection : connections()) {
    tried += (tried.empty() ? "" : ", ") + connection.node.endpoint.to_string();
  }
  return "no answer in time from " + (tried.empty() ? "any bootstrap server" : tried);
}

std::string ConnectionReport::explain() const {
  const auto add = [](std::string& list, const std::string& entry) {
    list += (list.empty() ? "" : "; ") + entry;
  };
  std::string bootstrap_answered;
  std::string refused;     // bootstrap addresses
  std::string advertised;  // addresses of brokers that never answered
  std::string lost;        // brokers that did
  for (const NodeConnection& connection : connections()) {
    const std::string address = connection.node.endpoint.to_string();
    const bool failing = !connection.connected && !connection.last_error.empty();
    if (connection.node.is_bootstrap() && connection.answered) bootstrap_answered = address;
    if (!failing) continue;
    const std::string id = "broker " + std::to_string(connection.node.id);
    if (connection.node.is_bootstrap())
      add(refused, address + ": " + connection.last_error);
    else if (!connection.answered)
      add(advertised, id + " advertises " + address + ": " + connection.last_error);
    else
      add(lost, id + " at " + address + ": " + connection.last_error);
  }
  if (!advertised.empty()) {
    const std::string answered = bootstrap_answered.empty()
                                     ? ""
                                     : "bootstrap server " + bootstrap_answered + " answered, but ";
    return answered + advertised +
           ". Clients must reach the address in the broker's advertised.listeners.";
  }
  if (!lost.empty()) return "lost the connection to " + lost;
  if (!bootstrap_answered.empty() || refused.empty()) return "";
  return "no bootstrap server answers (" + refused +
         "). Is a cluster running? Start one with `kafkascope start`.";
}

}  // namespace kafkascope

#include "clients/cluster_connection_states.h"

namespace kafkascope {

ClusterConnectionStates::ClusterConnectionStates(const CommonClientConfig& config,
                                                 RandomStream random)
    : reconnect_backoff_(config.reconnect_backoff, config.reconnect_backoff_max),
      setup_timeout_(config.connection_setup_timeout, config.connection_setup_timeout_max),
      random_(random) {}

const ClusterConnectionStates::NodeState* ClusterConnectionStates::find(BrokerId id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : &found->second;
}

bool ClusterConnectionStates::can_connect(BrokerId id, Instant now) const {
  const NodeState* node = find(id);
  return node == nullptr ||
         (node->state == ConnectionState::kDisconnected && now >= node->retry_at);
}

bool ClusterConnectionStates::is_blacked_out(BrokerId id, Instant now) const {
  const NodeState* node = find(id);
  return node != nullptr && node->state == ConnectionState::kDisconnected && now < node->retry_at;
}

Duration ClusterConnectionStates::connection_delay(BrokerId id, Instant now) const {
  const NodeState* node = find(id);
  if (node == nullptr) return Duration::zero();
  if (node->state == ConnectionState::kDisconnected)
    return std::max(Duration::zero(), node->retry_at - now);
  if (node->state == ConnectionState::kReady && now < node->throttled_until)
    return node->throttled_until - now;
  return Duration::max();
}

std::string ClusterConnectionStates::connecting(BrokerId id, Instant now, const std::string& host,
                                                const std::vector<std::string>& addresses) {
  NodeState& node = nodes_[id];
  if (node.host != host || node.addresses != addresses) {
    node.host = host;
    node.addresses = addresses;
    node.next_address = 0;
  }
  node.state = ConnectionState::kConnecting;
  node.last_attempt = now;
  node.setup_expires = deadline_after(now, setup_timeout_.backoff(node.failures, random_));
  if (addresses.empty()) return host;
  return addresses[node.next_address++ % addresses.size()];
}

void ClusterConnectionStates::disconnected(BrokerId id, Instant now) {
  NodeState& node = nodes_[id];
  // The other addresses of the name are tried at once; the wait comes after all have failed.
  const bool more_addresses = node.state == ConnectionState::kConnecting &&
                              !node.addresses.empty() &&
                              node.next_address % node.addresses.size() != 0;
  node.retry_at = more_addresses ? now : now + reconnect_backoff_.backoff(node.failures, random_);
  if (!more_addresses) ++node.failures;
  node.state = ConnectionState::kDisconnected;
  node.setup_expires = kForever;
  node.throttled_until = Instant{};
}

void ClusterConnectionStates::checking_api_versions(BrokerId id) {
  nodes_[id].state = ConnectionState::kCheckingApiVersions;
  nodes_[id].setup_expires = kForever;
}

void ClusterConnectionStates::ready(BrokerId id) {
  NodeState& node = nodes_[id];
  node.state = ConnectionState::kReady;
  node.failures = 0;
  if (!node.addresses.empty()) --node.next_address;  // what works is tried first next time
}

void ClusterConnectionStates::throttle(BrokerId id, Instant until) {
  NodeState& node = nodes_[id];
  node.throttled_until = std::max(node.throttled_until, until);
}

ConnectionState ClusterConnectionStates::state(BrokerId id) const {
  const NodeState* node = find(id);
  return node == nullptr ? ConnectionState::kDisconnected : node->state;
}

bool ClusterConnectionStates::is_ready(BrokerId id, Instant now) const {
  const NodeState* node = find(id);
  return node != nullptr && node->state == ConnectionState::kReady && now >= node->throttled_until;
}

bool ClusterConnectionStates::is_preparing(BrokerId id) const {
  const ConnectionState state = this->state(id);
  return state == ConnectionState::kConnecting || state == ConnectionState::kCheckingApiVersions;
}

Instant ClusterConnectionStates::last_attempt(BrokerId id) const {
  const NodeState* node = find(id);
  return node == nullptr ? Instant{} : node->last_attempt;
}

std::vector<BrokerId> ClusterConnectionStates::expired_setups(Instant now) const {
  std::vector<BrokerId> expired;
  for (const auto& [id, node] : nodes_) {
    if (node.state == ConnectionState::kConnecting && now >= node.setup_expires)
      expired.push_back(id);
  }
  return expired;
}

Instant ClusterConnectionStates::next_setup_expiry() const {
  Instant next = kForever;
  for (const auto& [id, node] : nodes_) {
    if (node.state == ConnectionState::kConnecting) next = std::min(next, node.setup_expires);
  }
  return next;
}

}  // namespace kafkascope

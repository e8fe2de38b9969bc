// ClusterConnectionStates: where the connection to each broker stands, and when the next attempt is
// allowed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clients/client_config.h"
#include "clients/exponential_backoff.h"
#include "common/types.h"

namespace kafkascope {

enum class ConnectionState { kDisconnected, kConnecting, kCheckingApiVersions, kReady };

/// Kafka's ClusterConnectionStates. Owned by the network thread.
class ClusterConnectionStates {
 public:
  ClusterConnectionStates(const CommonClientConfig& config, RandomStream random);

  /// No connection, and the backoff after the last failure has passed.
  bool can_connect(BrokerId id, Instant now) const;
  /// Disconnected, and still to wait.
  bool is_blacked_out(BrokerId id, Instant now) const;
  /// How long until something can change: backoff, throttle, or kForever-like for a connection
  /// under way.
  Duration connection_delay(BrokerId id, Instant now) const;

  /// A new attempt; `addresses` are all that the host's name means. Returns the one to try: after a
  /// failure the next.
  std::string connecting(BrokerId id, Instant now, const std::string& host,
                         const std::vector<std::string>& addresses);
  void disconnected(BrokerId id, Instant now);
  void checking_api_versions(BrokerId id);
  void ready(BrokerId id);
  void throttle(BrokerId id, Instant until);
  void remove(BrokerId id) { nodes_.erase(id); }

  ConnectionState state(BrokerId id) const;
  bool is_connecting(BrokerId id) const { return state(id) == ConnectionState::kConnecting; }
  /// Ready, and not asked by the broker to wait (KIP-219).
  bool is_ready(BrokerId id, Instant now) const;
  bool is_preparing(BrokerId id) const;
  /// When the last attempt began.
  Instant last_attempt(BrokerId id) const;
  /// Connections under way for longer than socket.connection.setup.timeout.ms allows.
  std::vector<BrokerId> expired_setups(Instant now) const;
  /// When the next of them expires; kForever when none is under way.
  Instant next_setup_expiry() const;

 private:
  struct NodeState {
    ConnectionState state = ConnectionState::kDisconnected;
    Instant last_attempt{};
    Instant retry_at{};
    Instant setup_expires = kForever;
    Instant throttled_until{};
    int64_t failures = 0;
    std::string host;
    std::vector<std::string> addresses;
    size_t next_address = 0;
  };
  const NodeState* find(BrokerId id) const;

  ExponentialBackoff reconnect_backoff_;
  ExponentialBackoff setup_timeout_;
  RandomStream random_;
  std::map<BrokerId, NodeState> nodes_;
};

}  // namespace kafkascope

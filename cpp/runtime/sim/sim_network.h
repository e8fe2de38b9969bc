// SimNetwork: byte streams between nodes in virtual time, with latency, partial reads and writes,
// partitions, resets.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "runtime/network.h"
#include "runtime/random.h"
#include "runtime/sim/sim_scheduler.h"

namespace kafkascope::sim {

struct NetworkFaults {
  Duration latency_min = std::chrono::microseconds(100);
  Duration latency_max = std::chrono::microseconds(500);
  double partial_chance = 0;  // that a read or write moves only a few of the bytes it could
  double reset_chance = 0;    // that a write resets the connection instead
};

class SimConnection;
class SimListener;

/// What all nodes share: who listens where, and what lies between whom.
class NetworkFabric {
 public:
  NetworkFabric(SimScheduler& scheduler, uint64_t seed)
      : scheduler_(scheduler), random_(Random(seed).stream("network")) {}

  NetworkFaults faults;
  /// Bytes from `from` to `to` are held back until heal(). One-way: call it both ways for a full
  /// partition.
  void cut(const std::string& from, const std::string& to) { cuts_.insert({from, to}); }
  void heal();
  /// The node crashed: its listeners are gone, its peers see resets.
  void drop_node(const std::string& node);

 private:
  friend class SimConnection;
  friend class SimListener;
  friend class SimNetwork;
  bool is_cut(const std::string& from, const std::string& to) const {
    return cuts_.contains({from, to});
  }
  Instant arrival();
  size_t some_of(size_t size);

  SimScheduler& scheduler_;
  RandomStream random_;
  std::set<std::pair<std::string, std::string>> cuts_;
  std::map<std::pair<std::string, uint16_t>, SimListener*> listeners_;
  std::map<uint64_t, SimConnection*> connections_;
  std::deque<std::pair<std::pair<std::string, std::string>, std::function<void()>>> held_;
  uint64_t next_connection_ = 1;
  uint16_t next_port_ = 30000;
};

/// One node's view. Its own name, "", "localhost" and 127.0.0.1 mean the node itself.
class SimNetwork : public Network {
 public:
  SimNetwork(NetworkFabric& fabric, std::string node) : fabric_(fabric), node_(std::move(node)) {}

  std::unique_ptr<Listener> listen(const Endpoint& address) override;
  std::unique_ptr<Connection> connect(const Endpoint& address) override;
  std::unique_ptr<Poller> make_poller() override;
  std::vector<std::string> resolve(const std::string& host) override { return {host_of(host)}; }

 private:
  std::string host_of(const std::string& host) const;

  NetworkFabric& fabric_;
  const std::string node_;
};

}  // namespace kafkascope::sim

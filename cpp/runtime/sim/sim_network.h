// SimNetwork: byte streams between nodes in virtual time, and what can go wrong between them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "runtime/network.h"
#include "runtime/random.h"
#include "runtime/sim/sim_scheduler.h"

namespace kafkascope::sim {

/// One direction between two nodes.
struct Link {
  Duration latency_min = std::chrono::microseconds(100);
  Duration latency_max = std::chrono::microseconds(500);
  uint64_t bytes_per_second = 0;  // 0: no limit
};

struct NetworkFaults {
  Link link;                  // between nodes that have no link of their own
  double partial_chance = 0;  // that a read or write moves only a few of the bytes it could
  double reset_chance = 0;    // that a write is cut at a random byte by a reset
};

class SimConnection;
class SimListener;

/// What all nodes share: who listens where, and what lies between whom.
class NetworkFabric {
 public:
  NetworkFabric(SimScheduler& scheduler, uint64_t seed)
      : scheduler_(scheduler),
        random_(Random(seed).stream("network")),
        fault_random_(Random(seed).stream("network faults")) {}

  NetworkFaults faults;
  /// What lies between two nodes from now on, this way round.
  void set_link(const std::string& from, const std::string& to, Link link) {
    links_[{from, to}] = link;
  }
  /// Bytes from `from` to `to` are held back until heal(). One-way: call it both ways for a full
  /// partition.
  void cut(const std::string& from, const std::string& to) { cuts_.insert({from, to}); }
  /// What was held back arrives, in order.
  void heal(const std::string& from, const std::string& to);
  void heal();
  /// Every way is again what `faults.link` says.
  void reset_links() { links_.clear(); }
  /// Connections that the node has open or half open.
  size_t connections_of(const std::string& node) const;
  /// All connections between the two break at both ends.
  void reset_between(const std::string& a, const std::string& b);
  /// The node crashed: its peers see resets, or, when silent, nothing at all until it is back.
  void drop_node(const std::string& node, bool silent);
  /// The node is back: who still writes to what it was before the crash gets a reset.
  void raise_node(const std::string& node);

  // For connections and listeners.
  SimScheduler& scheduler() { return scheduler_; }
  uint64_t add(SimConnection& connection);
  void remove(SimConnection& connection);
  SimConnection* find(uint64_t id) const;
  /// When so many bytes, sent now, are there.
  Instant arrival(const std::string& from, const std::string& to, size_t bytes);
  /// Does it at that time, or, when the way is cut, once it has healed.
  void carry(const std::string& from, const std::string& to, Instant when,
             std::function<void()> delivery);
  /// The connection fails after the way back, unless nobody is there to say so.
  void refuse(uint64_t id, const std::string& why);
  /// The way there and back of a new connection: a cut either way holds it up.
  void shake_hands(uint64_t id, const Endpoint& target, const Endpoint& own);
  /// How many of the bytes move.
  size_t some_of(size_t size);
  /// Where a reset cuts a write of so many bytes; nothing: it does not.
  std::optional<size_t> resets_within(size_t size);

 private:
  friend class SimListener;
  friend class SimNetwork;
  using Way = std::pair<std::string, std::string>;

  bool is_cut(const std::string& from, const std::string& to) const {
    return cuts_.contains({from, to});
  }
  bool is_taken(const std::string& node, uint16_t port) const;
  uint16_t free_port(const std::string& node);
  void release(const std::function<bool(const Way&)>& healed);

  SimScheduler& scheduler_;
  RandomStream random_;
  RandomStream fault_random_;
  std::set<Way> cuts_;
  std::map<Way, Link> links_;
  std::map<Way, Instant> busy_until_;  // of links with a limit
  std::set<std::string> silent_;
  std::map<std::pair<std::string, uint16_t>, SimListener*> listeners_;
  std::map<uint64_t, SimConnection*> connections_;
  std::deque<std::pair<Way, std::function<void()>>> held_;
  uint64_t next_connection_ = 1;
  uint16_t next_port_ = 0;
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

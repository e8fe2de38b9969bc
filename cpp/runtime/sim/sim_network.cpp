#include "runtime/sim/sim_network.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "runtime/sim/sim_connection.h"

namespace kafkascope::sim {
namespace {

constexpr size_t kFewBytes = 64;
constexpr uint16_t kFirstPort = 32768;  // Linux's range for ports that nobody chose
constexpr uint16_t kPorts = 60999 - kFirstPort + 1;
constexpr Duration kRetransmission = std::chrono::milliseconds(200);

}  // namespace

class SimListener : public Listener, public SimPollable {
 public:
  SimListener(NetworkFabric& fabric, Endpoint address)
      : fabric_(fabric), address_(std::move(address)) {
    fabric_.listeners_[{address_.host, address_.port}] = this;
  }
  ~SimListener() override { close(); }

  std::unique_ptr<Connection> accept() override {
    if (backlog_.empty()) return nullptr;
    auto connection = std::move(backlog_.front());
    backlog_.pop_front();
    return connection;
  }
  Endpoint local_endpoint() const override { return address_; }
  void close() override {
    if (std::exchange(closed_, true)) return;
    // After a crash a new listener may already have the address.
    const auto found = fabric_.listeners_.find({address_.host, address_.port});
    if (found != fabric_.listeners_.end() && found->second == this) fabric_.listeners_.erase(found);
    for (const auto& connection : backlog_) connection->abort();  // nobody will accept them
    backlog_.clear();
  }
  uint8_t ready() const override { return backlog_.empty() ? kNone : kRead; }
  void push(std::unique_ptr<SimConnection> connection) {
    backlog_.push_back(std::move(connection));
    notify();
  }

 private:
  NetworkFabric& fabric_;
  const Endpoint address_;
  bool closed_ = false;
  std::deque<std::unique_ptr<SimConnection>> backlog_;
};

uint64_t NetworkFabric::add(SimConnection& connection) {
  connections_[next_connection_] = &connection;
  return next_connection_++;
}

void NetworkFabric::remove(SimConnection& connection) { connections_.erase(connection.id()); }

SimConnection* NetworkFabric::find(uint64_t id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second;
}

Instant NetworkFabric::arrival(const std::string& from, const std::string& to, size_t bytes) {
  const auto own = links_.find({from, to});
  const Link& link = own == links_.end() ? faults.link : own->second;
  const int64_t span = (link.latency_max - link.latency_min).count();
  const Duration latency =
      link.latency_min + Duration(span > 0 ? random_.below(static_cast<uint64_t>(span)) : 0);
  if (link.bytes_per_second == 0) return scheduler_.now() + latency;
  // Bytes leave one after the other, whichever connection they belong to.
  Instant& busy_until = busy_until_[{from, to}];
  busy_until = std::max(busy_until, scheduler_.now()) +
               std::chrono::nanoseconds(bytes * 1'000'000'000 / link.bytes_per_second);
  return busy_until + latency;
}

void NetworkFabric::carry(const std::string& from, const std::string& to, Instant when,
                          std::function<void()> delivery) {
  if (is_cut(from, to)) {
    held_.push_back({{from, to}, std::move(delivery)});
  } else {
    scheduler_.at(when, std::move(delivery));
  }
}

void NetworkFabric::refuse(uint64_t id, const std::string& why) {
  const SimConnection* const sender = find(id);
  if (sender == nullptr || silent_.contains(sender->peer_node())) return;
  carry(sender->peer_node(), sender->node(), arrival(sender->peer_node(), sender->node(), 0),
        [this, id, why] {
          if (SimConnection* connection = find(id)) connection->fail(why);
        });
}

void NetworkFabric::shake_hands(uint64_t id, const Endpoint& target, const Endpoint& own) {
  const auto someone_listens = [this, target] {
    return !silent_.contains(target.host) && listeners_.contains({target.host, target.port});
  };
  auto answered = [this, id, target, own, someone_listens] {
    SimConnection* const client = find(id);
    if (client == nullptr) return;
    if (!someone_listens()) return client->fail("Connection reset by peer");
    auto theirs = std::make_unique<SimConnection>(*this, target.host, target, own);
    theirs->pair_with(*client);
    theirs->open();
    client->open();
    listeners_.at({target.host, target.port})->push(std::move(theirs));
  };
  const std::string from = find(id)->node();
  auto asked = [this, id, from, target, someone_listens, answered] {
    if (silent_.contains(target.host)) return;
    if (!someone_listens()) return refuse(id, "Connection refused");
    carry(target.host, from, arrival(target.host, from, 0), answered);
  };
  carry(from, target.host, arrival(from, target.host, 0), asked);
}

size_t NetworkFabric::some_of(size_t size) {
  if (size <= 1 || faults.partial_chance <= 0 || !fault_random_.chance(faults.partial_chance))
    return size;
  return 1 + fault_random_.below(std::min(size, kFewBytes));
}

std::optional<size_t> NetworkFabric::resets_within(size_t size) {
  if (faults.reset_chance <= 0 || !fault_random_.chance(faults.reset_chance)) return {};
  return fault_random_.below(size + 1);
}

void NetworkFabric::release(const std::function<bool(const Way&)>& healed) {
  std::deque<std::pair<Way, std::function<void()>>> still_held;
  for (auto& [way, delivery] : held_) {
    if (healed(way)) {
      scheduler_.at(arrival(way.first, way.second, 0), std::move(delivery));
    } else {
      still_held.push_back({way, std::move(delivery)});
    }
  }
  held_ = std::move(still_held);
}

void NetworkFabric::heal(const std::string& from, const std::string& to) {
  cuts_.erase({from, to});
  release([&](const Way& way) { return way == Way{from, to}; });
}

void NetworkFabric::heal() {
  cuts_.clear();
  release([](const Way&) { return true; });
}

void NetworkFabric::reset_between(const std::string& a, const std::string& b) {
  for (auto& [id, connection] : connections_) {
    const Way way{connection->node(), connection->peer_node()};
    if (way == Way{a, b} || way == Way{b, a}) connection->fail("Connection reset by peer");
  }
}

size_t NetworkFabric::connections_of(const std::string& node) const {
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [&](const auto& entry) { return entry.second->node() == node; }));
}

void NetworkFabric::drop_node(const std::string& node, bool silent) {
  if (silent) silent_.insert(node);
  for (auto& [id, connection] : connections_) {
    if (connection->node() == node) connection->vanish();
    if (connection->peer_node() == node && !silent) connection->fail("Connection reset by peer");
  }
}

void NetworkFabric::raise_node(const std::string& node) {
  if (silent_.erase(node) == 0) return;
  for (auto& [id, connection] : connections_) {
    if (connection->peer_node() != node) continue;
    scheduler_.at(scheduler_.now() + kRetransmission,
                  [this, lost = id] { refuse(lost, "Connection reset by peer"); });
  }
}

bool NetworkFabric::is_taken(const std::string& node, uint16_t port) const {
  return listeners_.contains({node, port}) ||
         std::any_of(connections_.begin(), connections_.end(), [&](const auto& entry) {
           return entry.second->node() == node && entry.second->local_endpoint().port == port;
         });
}

uint16_t NetworkFabric::free_port(const std::string& node) {
  for (int tries = 0; tries < kPorts; ++tries) {
    const auto port = static_cast<uint16_t>(kFirstPort + next_port_);
    next_port_ = static_cast<uint16_t>((next_port_ + 1) % kPorts);
    if (!is_taken(node, port)) return port;
  }
  throw KafkaException(ErrorCode::kNetworkException,
                       node + ": Cannot assign requested address: all ports are in use");
}

std::string SimNetwork::host_of(const std::string& host) const {
  const bool own = host.empty() || host == "localhost" || host == "127.0.0.1" || host == "0.0.0.0";
  return own ? node_ : host;
}

std::unique_ptr<Listener> SimNetwork::listen(const Endpoint& address) {
  Endpoint bound{host_of(address.host), address.port};
  if (bound.host != node_) {
    throw KafkaException(
        ErrorCode::kNetworkException,
        fmt::format("listen {}: Cannot assign requested address", address.to_string()));
  }
  if (bound.port == 0) bound.port = fabric_.free_port(node_);
  if (fabric_.listeners_.contains({bound.host, bound.port})) {
    throw KafkaException(ErrorCode::kNetworkException,
                         fmt::format("listen {}: Address already in use", address.to_string()));
  }
  return std::make_unique<SimListener>(fabric_, bound);
}

std::unique_ptr<Connection> SimNetwork::connect(const Endpoint& address) {
  const Endpoint target{host_of(address.host), address.port};
  const Endpoint own{node_, fabric_.free_port(node_)};
  auto mine = std::make_unique<SimConnection>(fabric_, node_, own, address);
  mine->aim_at(target.host);
  fabric_.shake_hands(mine->id(), target, own);
  return mine;
}

std::unique_ptr<Poller> SimNetwork::make_poller() {
  return std::make_unique<SimPoller>(fabric_.scheduler());
}

}  // namespace kafkascope::sim

#include "runtime/sim/sim_network.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "runtime/file_system.h"

namespace kafkascope::sim {
namespace {

constexpr size_t kWindow = 256 * 1024;  // bytes on their way or unread, one way
constexpr size_t kFewBytes = 64;

}  // namespace

class SimPoller;

/// Readiness, and the poller that wants to know of it.
class SimPollable {
 public:
  virtual ~SimPollable() = default;
  virtual uint8_t ready() const = 0;
  SimPoller* poller = nullptr;
  void notify();
};

class SimPoller : public Poller {
 public:
  explicit SimPoller(SimScheduler& scheduler) : scheduler_(scheduler) {}
  ~SimPoller() override {
    for (auto& [token, watch] : watches_) watch.pollable->poller = nullptr;
  }

  void set_interest(Pollable& pollable, uint8_t interest, uint64_t token) override {
    auto* sim = dynamic_cast<SimPollable*>(&pollable);
    KS_CHECK(sim != nullptr, "not a pollable of the simulation");
    sim->poller = this;
    watches_[token] = {sim, interest};
  }
  void remove(Pollable& pollable) override {
    auto* sim = dynamic_cast<SimPollable*>(&pollable);
    sim->poller = nullptr;
    std::erase_if(watches_, [&](const auto& entry) { return entry.second.pollable == sim; });
  }
  std::span<const Ready> wait(Instant deadline) override {
    scheduler_.switch_point("poll");
    for (;;) {
      ready_.clear();
      for (const auto& [token, watch] : watches_) {
        if (const uint8_t events = watch.pollable->ready() & watch.interest; events != 0)
          ready_.push_back({token, events});
      }
      const bool woken = std::exchange(woken_, false);
      if (!ready_.empty() || woken || scheduler_.unwinding()) return ready_;
      if (!scheduler_.wait(queue_, deadline)) return ready_;
    }
  }
  void wakeup() override {
    woken_ = true;
    scheduler_.wake_all(queue_);
  }
  void notify() { scheduler_.wake_all(queue_); }

 private:
  struct Watch {
    SimPollable* pollable = nullptr;
    uint8_t interest = 0;
  };
  SimScheduler& scheduler_;
  std::map<uint64_t, Watch> watches_;
  std::vector<Ready> ready_;
  bool woken_ = false;
  WaitQueue queue_{.kind = "condition", .name = "poller"};
};

void SimPollable::notify() {
  if (poller != nullptr) poller->notify();
}

class SimConnection : public Connection, public SimPollable {
 public:
  SimConnection(NetworkFabric& fabric, std::string node, Endpoint local, Endpoint peer)
      : fabric_(fabric),
        node_(std::move(node)),
        local_(std::move(local)),
        peer_(std::move(peer)),
        id_(fabric.next_connection_++) {
    fabric_.connections_[id_] = this;
  }
  ~SimConnection() override {
    close();
    fabric_.connections_.erase(id_);
  }

  IoResult finish_connect() override {
    if (!error_.empty()) return {IoStatus::kError, 0, error_};
    return open_ ? IoResult{} : IoResult{IoStatus::kWouldBlock, 0, {}};
  }

  IoResult read(MutableByteView into) override {
    fabric_.scheduler_.switch_point("read");
    if (!inbox_.empty()) {
      const size_t count = fabric_.some_of(std::min(into.size(), inbox_.size()));
      std::copy_n(inbox_.begin(), count, into.begin());
      inbox_.erase(inbox_.begin(), inbox_.begin() + static_cast<ptrdiff_t>(count));
      if (SimConnection* other = find(other_)) {
        other->outstanding_ -= count;
        other->notify();
      }
      return {IoStatus::kOk, count, {}};
    }
    if (!error_.empty()) return {IoStatus::kError, 0, error_};
    if (ended_) return {IoStatus::kClosed, 0, {}};
    return {IoStatus::kWouldBlock, 0, {}};
  }

  IoResult write(std::span<const ByteView> slices) override {
    fabric_.scheduler_.switch_point("write");
    if (!error_.empty() || closed_)
      return {IoStatus::kError, 0, error_.empty() ? "closed" : error_};
    if (fabric_.random_.chance(fabric_.faults.reset_chance)) {
      reset("Connection reset by peer");
      return {IoStatus::kError, 0, error_};
    }
    ByteBuffer bytes;
    size_t room = kWindow - std::min(kWindow, outstanding_);
    size_t total = 0;
    for (const ByteView slice : slices) total += slice.size();
    if (room == 0) return {IoStatus::kWouldBlock, 0, {}};
    size_t count = fabric_.some_of(std::min(room, total));
    for (const ByteView slice : slices) {
      const size_t part = std::min(slice.size(), count - bytes.size());
      bytes.insert(bytes.end(), slice.begin(), slice.begin() + static_cast<ptrdiff_t>(part));
    }
    outstanding_ += bytes.size();
    count = bytes.size();
    transmit([bytes = std::move(bytes)](SimConnection& peer) {
      peer.inbox_.insert(peer.inbox_.end(), bytes.begin(), bytes.end());
    });
    return {IoStatus::kOk, count, {}};
  }

  IoResult send_file(File& file, uint64_t offset, size_t count) override {
    ByteBuffer bytes(std::min(count, kWindow));
    bytes.resize(file.pread(bytes, offset));
    if (bytes.empty())
      return {IoStatus::kError, 0, file.path() + " is shorter than the range to send"};
    const ByteView view(bytes);
    return write({&view, 1});
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    transmit([](SimConnection& peer) { peer.ended_ = true; });
  }
  Endpoint local_endpoint() const override { return local_; }
  Endpoint peer_endpoint() const override { return peer_; }

  uint8_t ready() const override {
    uint8_t events = kNone;
    if (!inbox_.empty() || ended_ || !error_.empty()) events |= kRead;
    if ((open_ && outstanding_ < kWindow) || !error_.empty()) events |= kWrite;
    return events;
  }

  /// Both ends break at once.
  void reset(const std::string& why) {
    fail(why);
    if (SimConnection* other = find(other_)) other->fail(why);
  }
  void fail(const std::string& why) {
    if (error_.empty()) error_ = why;
    inbox_.clear();
    notify();
  }
  void pair_with(SimConnection& other) {
    other_ = other.id_;
    other.other_ = id_;
  }
  void open() {
    open_ = true;
    notify();
  }
  uint64_t id() const { return id_; }
  uint64_t other() const { return other_; }
  const std::string& node() const { return node_; }

 private:
  SimConnection* find(uint64_t id) const {
    const auto found = fabric_.connections_.find(id);
    return found == fabric_.connections_.end() ? nullptr : found->second;
  }

  /// Runs `effect` at the other end after the latency, behind everything sent before.
  void transmit(std::function<void(SimConnection&)> effect) {
    SimConnection* other = find(other_);
    if (other == nullptr) return;
    // A delivery applies the oldest effect, whichever of them it was made for: what a cut held back
    // and what was sent after it healed may become due in any order, the stream may not.
    other->arriving_.push_back(std::move(effect));
    auto deliver = [&fabric = fabric_, id = other_] {
      const auto found = fabric.connections_.find(id);
      if (found == fabric.connections_.end()) return;
      SimConnection& peer = *found->second;
      const auto oldest = std::move(peer.arriving_.front());
      peer.arriving_.pop_front();
      oldest(peer);
      peer.notify();
    };
    if (fabric_.is_cut(node_, other->node())) {
      fabric_.held_.push_back({{node_, other->node()}, std::move(deliver)});
      return;
    }
    last_arrival_ = std::max(last_arrival_, fabric_.arrival());
    fabric_.scheduler_.at(last_arrival_, std::move(deliver));
  }

  NetworkFabric& fabric_;
  const std::string node_;
  const Endpoint local_;
  const Endpoint peer_;
  const uint64_t id_;
  uint64_t other_ = 0;
  bool open_ = false;
  bool closed_ = false;
  bool ended_ = false;  // the peer closed, and all its bytes are here
  std::string error_;
  std::deque<uint8_t> inbox_;
  std::deque<std::function<void(SimConnection&)>>
      arriving_;            // on their way here, in the order sent
  size_t outstanding_ = 0;  // written and not read yet
  Instant last_arrival_{};
};

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
    fabric_.listeners_.erase({address_.host, address_.port});
    for (const auto& connection : backlog_) connection->reset("Connection reset by peer");
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

Instant NetworkFabric::arrival() {
  const Duration span = faults.latency_max - faults.latency_min;
  return scheduler_.now() + faults.latency_min +
         Duration(span.count() > 0
                      ? static_cast<int64_t>(random_.below(static_cast<uint64_t>(span.count())))
                      : 0);
}

size_t NetworkFabric::some_of(size_t size) {
  if (size <= 1 || faults.partial_chance <= 0 || !random_.chance(faults.partial_chance))
    return size;
  return 1 + random_.below(std::min(size, kFewBytes));
}

void NetworkFabric::heal() {
  cuts_.clear();
  while (!held_.empty()) {
    scheduler_.at(scheduler_.now() + faults.latency_min, std::move(held_.front().second));
    held_.pop_front();
  }
}

void NetworkFabric::drop_node(const std::string& node) {
  for (auto& [id, connection] : connections_) {
    if (connection->node() != node) continue;
    const auto other = connections_.find(connection->other());
    if (other != connections_.end()) other->second->fail("Connection reset by peer");
  }
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
  while (bound.port == 0) {
    const uint16_t port = fabric_.next_port_++;
    if (!fabric_.listeners_.contains({node_, port})) bound.port = port;
  }
  if (fabric_.listeners_.contains({bound.host, bound.port})) {
    throw KafkaException(ErrorCode::kNetworkException,
                         fmt::format("listen {}: Address already in use", address.to_string()));
  }
  return std::make_unique<SimListener>(fabric_, bound);
}

std::unique_ptr<Connection> SimNetwork::connect(const Endpoint& address) {
  const Endpoint target{host_of(address.host), address.port};
  const Endpoint own{node_, fabric_.next_port_++};
  auto mine = std::make_unique<SimConnection>(fabric_, node_, own, address);
  auto attempt = [&fabric = fabric_, id = mine->id(), target, own] {
    const auto found = fabric.connections_.find(id);
    if (found == fabric.connections_.end()) return;
    SimConnection& client = *found->second;
    const auto listener = fabric.listeners_.find({target.host, target.port});
    if (listener == fabric.listeners_.end()) return client.fail("Connection refused");
    auto theirs = std::make_unique<SimConnection>(fabric, target.host, target, own);
    theirs->pair_with(client);
    theirs->open();
    client.open();
    listener->second->push(std::move(theirs));
  };
  if (fabric_.is_cut(node_, target.host) || fabric_.is_cut(target.host, node_)) {
    fabric_.held_.push_back({{node_, target.host}, std::move(attempt)});
  } else {
    fabric_.scheduler_.at(fabric_.arrival(), std::move(attempt));
  }
  return mine;
}

std::unique_ptr<Poller> SimNetwork::make_poller() {
  return std::make_unique<SimPoller>(fabric_.scheduler_);
}

}  // namespace kafkascope::sim

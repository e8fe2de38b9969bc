// SimConnection: one end of a byte stream of a simulation. In order, never twice, cut anywhere.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "runtime/network.h"
#include "runtime/sim/sim_poller.h"

namespace kafkascope::sim {

class NetworkFabric;

/// As TCP has it: a bounded window, an end of stream behind all bytes, and a reset for who writes
/// to an end that is not there any more.
class SimConnection : public Connection, public SimPollable {
 public:
  static constexpr size_t kWindow = 256 * 1024;  // bytes on their way or unread, one way

  SimConnection(NetworkFabric& fabric, std::string node, Endpoint local, Endpoint peer);
  ~SimConnection() override;

  IoResult finish_connect() override;
  IoResult read(MutableByteView into) override;
  IoResult write(std::span<const ByteView> slices) override;
  IoResult send_file(File& file, uint64_t offset, size_t count) override;
  void close() override;
  Endpoint local_endpoint() const override { return local_; }
  Endpoint peer_endpoint() const override { return peer_; }
  uint8_t ready() const override;

  // For the fabric.
  void aim_at(const std::string& peer_node) { peer_node_ = peer_node; }
  void pair_with(SimConnection& other);
  void open();
  /// The stream is broken as this end sees it.
  void fail(const std::string& why);
  /// Gone without having been used: the other end sees a reset.
  void abort();
  /// Its node is gone without a word: nothing is sent any more.
  void vanish() { closed_ = true; }
  uint64_t id() const { return id_; }
  const std::string& node() const { return node_; }
  const std::string& peer_node() const { return peer_node_; }

 private:
  using Effect = std::function<void(SimConnection&)>;  // mutable: runs once

  void transmit(size_t bytes, Effect effect);
  void deliver_oldest();
  void send_reset();
  ByteBuffer gather(std::span<const ByteView> slices, size_t count) const;

  NetworkFabric& fabric_;
  const std::string node_;
  const Endpoint local_;
  const Endpoint peer_;
  const uint64_t id_;
  uint64_t other_ = 0;
  std::string peer_node_;
  bool open_ = false;
  bool closed_ = false;
  bool ended_ = false;  // the peer closed, and all its bytes are here
  std::string error_;
  std::deque<ByteBuffer> inbox_;
  size_t taken_ = 0;             // of the inbox's first buffer
  std::deque<Effect> arriving_;  // on their way here, in the order sent
  size_t outstanding_ = 0;       // written and not read by the peer yet
  Instant last_arrival_{};
};

}  // namespace kafkascope::sim

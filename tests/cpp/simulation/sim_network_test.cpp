// The simulated network: what TCP promises holds, and what can go wrong does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/errors.h"
#include "runtime/network.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope::sim {
namespace {

using namespace std::chrono_literals;

/// A server and a client with one connection between them.
class Pair {
 public:
  explicit Pair(uint64_t seed = 1) : runtime({.seed = seed}) {
    listener = server->network().listen({"", 9000});
    connection = client->network().connect({"server", 9000});
    runtime.scheduler().run_for(10ms);
    accepted = listener->accept();
    EXPECT_NE(accepted, nullptr);
  }
  IoResult write(Connection& from, const ByteBuffer& bytes) {
    const ByteView slice(bytes);
    return from.write({&slice, 1});
  }
  /// All that is there now.
  ByteBuffer read(Connection& to) {
    ByteBuffer all, some(1 << 16);
    for (;;) {
      const IoResult got = to.read(some);
      if (got.status != IoStatus::kOk) return all;
      all.insert(all.end(), some.begin(), some.begin() + static_cast<ptrdiff_t>(got.bytes));
    }
  }
  void pass(Duration time) { runtime.scheduler().run_for(time); }

  SimRuntime runtime;
  Node* server = &runtime.add_node("server");
  Node* client = &runtime.add_node("client");
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Connection> connection, accepted;
};

TEST(SimNetworkTest, BytesStayInOrderAcrossACut) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Pair pair(seed);
    pair.write(*pair.connection, {1});
    pair.runtime.network().cut("client", "server");
    pair.write(*pair.connection, {2});
    pair.pass(1s);
    EXPECT_EQ(pair.read(*pair.accepted), ByteBuffer({1}));
    pair.runtime.network().heal();
    pair.write(*pair.connection, {3});
    pair.pass(1s);
    EXPECT_EQ(pair.read(*pair.accepted), ByteBuffer({2, 3})) << seed;
  }
}

TEST(SimNetworkTest, ACutIsOneWay) {
  Pair pair;
  pair.runtime.network().cut("client", "server");
  pair.runtime.network().cut("server", "client");
  pair.write(*pair.connection, {1});
  pair.write(*pair.accepted, {2});
  pair.pass(1s);
  pair.runtime.network().heal("server", "client");
  pair.pass(1s);
  EXPECT_EQ(pair.read(*pair.connection), ByteBuffer({2}));
  EXPECT_EQ(pair.read(*pair.accepted), ByteBuffer());
}

TEST(SimNetworkTest, ARefusalIsTold) {
  Pair pair;
  const auto refused = pair.client->network().connect({"server", 1});
  pair.pass(10ms);
  EXPECT_EQ(refused->finish_connect().error, "Connection refused");
}

TEST(SimNetworkTest, TheEndOfAStreamComesBehindItsBytes) {
  Pair pair;
  pair.write(*pair.connection, {1, 2, 3});
  pair.connection->close();
  pair.pass(1s);
  EXPECT_EQ(pair.read(*pair.accepted), ByteBuffer({1, 2, 3}));
  uint8_t byte = 0;
  EXPECT_EQ(pair.accepted->read({&byte, 1}).status, IoStatus::kClosed);
}

TEST(SimNetworkTest, WhoWritesToAPeerThatIsGoneGetsAReset) {
  for (const bool destroyed : {false, true}) {
    Pair pair;
    pair.accepted->close();
    if (destroyed) pair.accepted.reset();
    pair.pass(10ms);
    EXPECT_EQ(pair.write(*pair.connection, {1}).status, IoStatus::kOk);
    pair.pass(10ms);
    EXPECT_EQ(pair.write(*pair.connection, {1}).error, "Connection reset by peer");
  }
}

TEST(SimNetworkTest, AWindowBoundsWhatIsUnread) {
  Pair pair;
  const ByteBuffer chunk(100'000, 7);
  size_t written = 0;
  for (;;) {
    const IoResult result = pair.write(*pair.connection, chunk);
    if (result.status == IoStatus::kWouldBlock) break;
    written += result.bytes;
  }
  EXPECT_EQ(written, 256u * 1024);
  pair.pass(1s);
  EXPECT_EQ(pair.read(*pair.accepted).size(), written);
  EXPECT_EQ(pair.write(*pair.connection, chunk).bytes, chunk.size());
}

TEST(SimNetworkTest, ASlowLinkTakesItsTime) {
  Pair pair;
  pair.runtime.network().set_link("client", "server", {1ms, 1ms, 8'000});
  pair.write(*pair.connection, ByteBuffer(16'000, 1));
  pair.pass(1900ms);
  EXPECT_EQ(pair.read(*pair.accepted).size(), 0u);
  pair.pass(200ms);
  EXPECT_EQ(pair.read(*pair.accepted).size(), 16'000u);
}

TEST(SimNetworkTest, AResetCutsAWriteAtAnyByte) {
  std::set<size_t> arrived;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Pair pair(seed);
    pair.runtime.network().faults.reset_chance = 1;
    EXPECT_EQ(pair.write(*pair.connection, ByteBuffer(10, 1)).status, IoStatus::kError);
    size_t count = 0;
    while (pair.runtime.scheduler().tick()) count += pair.read(*pair.accepted).size();
    arrived.insert(count);
    uint8_t byte = 0;
    EXPECT_EQ(pair.accepted->read({&byte, 1}).error, "Connection reset by peer");
  }
  EXPECT_EQ(arrived.size(), 11u) << "0 to 10 bytes";
}

TEST(SimNetworkTest, ConnectionsBetweenTwoNodesCanBeReset) {
  Pair pair;
  pair.runtime.network().reset_between("server", "client");
  EXPECT_EQ(pair.write(*pair.connection, {1}).error, "Connection reset by peer");
  EXPECT_EQ(pair.write(*pair.accepted, {1}).error, "Connection reset by peer");
}

TEST(SimNetworkTest, ACrashResetsThePeersConnections) {
  Pair pair;
  pair.runtime.crash("client");
  uint8_t byte = 0;
  EXPECT_EQ(pair.accepted->read({&byte, 1}).status, IoStatus::kError);
}

TEST(SimNetworkTest, ASilentCrashLeavesAHalfOpenConnection) {
  Pair pair;
  pair.runtime.crash("client", {.silent = true});
  pair.connection.reset();
  EXPECT_EQ(pair.write(*pair.accepted, {1}).status, IoStatus::kOk);
  const auto hanging = pair.server->network().connect({"client", 9000});
  pair.pass(1h);
  uint8_t byte = 0;
  EXPECT_EQ(pair.accepted->read({&byte, 1}).status, IoStatus::kWouldBlock);
  EXPECT_EQ(hanging->finish_connect().status, IoStatus::kWouldBlock);
  pair.runtime.add_node("client");
  pair.pass(1s);
  EXPECT_EQ(pair.accepted->read({&byte, 1}).error, "Connection reset by peer");
}

TEST(SimNetworkTest, PortsComeRoundWithoutZero) {
  Pair pair;
  for (int i = 0; i < 70'000; ++i) {
    const auto connection = pair.client->network().connect({"server", 1});
    ASSERT_GE(connection->local_endpoint().port, 32768);
    ASSERT_LE(connection->local_endpoint().port, 60999);
  }
}

TEST(SimNetworkTest, AListenerThatClosesLeavesAcceptedConnectionsAlone) {
  Pair pair;
  const auto waiting = pair.client->network().connect({"server", 9000});
  pair.pass(10ms);
  EXPECT_EQ(waiting->finish_connect().status, IoStatus::kOk);
  pair.listener->close();
  pair.write(*pair.connection, {1});
  pair.pass(10ms);
  EXPECT_EQ(pair.read(*pair.accepted), ByteBuffer({1}));
  uint8_t byte = 0;
  EXPECT_EQ(waiting->read({&byte, 1}).error, "Connection reset by peer") << "nobody accepted it";
}

TEST(SimNetworkTest, ACutEitherWayHoldsUpANewConnection) {
  for (const auto& [from, to] : {std::pair{"client", "server"}, {"server", "client"}}) {
    Pair pair;
    pair.runtime.network().cut(from, to);
    const auto late = pair.client->network().connect({"server", 9000});
    pair.pass(1s);
    EXPECT_EQ(late->finish_connect().status, IoStatus::kWouldBlock) << from << " -> " << to;
    EXPECT_EQ(pair.listener->accept(), nullptr);
    pair.runtime.network().heal();
    pair.pass(1s);
    EXPECT_EQ(late->finish_connect().status, IoStatus::kOk);
    EXPECT_NE(pair.listener->accept(), nullptr);
  }
}

TEST(SimNetworkTest, APortInUseIsNotHandedOut) {
  Pair pair;
  const uint16_t taken = pair.connection->local_endpoint().port;
  for (int i = 0; i < 30'000; ++i)
    ASSERT_NE(pair.client->network().connect({"server", 1})->local_endpoint().port, taken);
}

TEST(SimNetworkTest, AnOldListenerLeavesTheNewOneAlone) {
  Pair pair;
  std::unique_ptr<Listener> old = std::move(pair.listener);
  old->close();
  const auto listener = pair.server->network().listen({"", 9000});
  old.reset();
  EXPECT_THROW(pair.server->network().listen({"", 9000}), KafkaException);
}

}  // namespace
}  // namespace kafkascope::sim

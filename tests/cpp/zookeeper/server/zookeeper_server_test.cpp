// The server over a simulated network, asked by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/errors.h"
#include "raw_client.h"
#include "sim_server.h"

namespace kafkascope::zk {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class ZooKeeperServerTest : public testing::Test {
 protected:
  void start() { ASSERT_TRUE(sim_.start()); }
  void run(const std::function<void()>& fn) { sim_.run(fn); }
  RawClient client() { return {sim_.client_node, sim_.address}; }

  SimServer sim_{7};
};

TEST_F(ZooKeeperServerTest, WhatWasAnsweredIsThereAfterAPowerLoss) {
  start();
  ConnectResponse session;
  run([&] {
    RawClient client = this->client();
    session = client.connect();
    EXPECT_NE(session.session_id, 0);
    EXPECT_EQ(session.timeout_ms, 10'000);
    EXPECT_EQ(client.create("/a", "one"), ZkError::kOk);
    EXPECT_EQ(client.create("/a/e", "", CreateMode::kEphemeral), ZkError::kOk);
    EXPECT_EQ(client.create("/a", "two"), ZkError::kNodeExists);
  });
  sim_.crash();
  start();
  run([&] {
    RawClient client = this->client();
    EXPECT_EQ(client.connect(10'000, session.session_id, session.password).session_id,
              session.session_id);
    const auto reply = client.call(OpCode::kGetData, PathWatchRequest{"/a"});
    EXPECT_EQ(as_text(*decode<GetDataResponse>(reply.body).data), "one");
    EXPECT_TRUE(client.exists("/a/e"));
    client.call(OpCode::kCloseSession);
    client.await_end();
    RawClient other = this->client();
    other.connect();
    EXPECT_FALSE(other.exists("/a/e"));
  });
}

TEST_F(ZooKeeperServerTest, ASilentSessionExpiresAndItsEphemeralsGo) {
  start();
  run([&] {
    RawClient silent = client();
    const ConnectResponse session = silent.connect(4'000);
    silent.create("/e", "", CreateMode::kEphemeral);
    RawClient watcher = client();
    watcher.connect(20'000);
    EXPECT_TRUE(watcher.exists("/e", true));
    const WatcherEvent event = watcher.event();
    EXPECT_EQ(event.type, EventType::kNodeDeleted);
    EXPECT_EQ(event.path, "/e");
    silent.await_end();
    RawClient again = client();
    EXPECT_EQ(again.connect(4'000, session.session_id, session.password).session_id, 0);
  });
}

TEST_F(ZooKeeperServerTest, AnEventComesBeforeTheAnswerThatShowsTheChange) {
  start();
  run([&] {
    RawClient reader = client();
    RawClient writer = client();
    reader.connect();
    writer.connect();
    for (int i = 0; i < 20; ++i) {
      const std::string path = "/n" + std::to_string(i);
      EXPECT_FALSE(reader.exists(path, true));
      writer.request(OpCode::kCreate, CreateRequest{path, {}, open_acl(), {}});
      while (!reader.exists(path)) EXPECT_EQ(reader.events_waiting(), 0U);
      ASSERT_EQ(reader.events_waiting(), 1U);
      EXPECT_EQ(reader.event().path, path);
      EXPECT_EQ(writer.answer().header.err, ZkError::kOk);
    }
  });
}

TEST_F(ZooKeeperServerTest, APipelineIsAnsweredInOrderWithFewSyncs) {
  start();
  run([&] {
    RawClient client = this->client();
    client.connect();
    const int before = sim_.sim.disk("zk").changes();
    for (int i = 0; i < 100; ++i)
      client.request(OpCode::kCreate, CreateRequest{"/n" + std::to_string(i), {}, open_acl(), {}});
    for (int i = 0; i < 100; ++i)
      EXPECT_EQ(decode<CreateResponse>(client.answer().body).path, "/n" + std::to_string(i));
    EXPECT_LT(sim_.sim.disk("zk").changes() - before, 150);  // two a round
  });
}

TEST_F(ZooKeeperServerTest, ASessionThatMovesLeavesItsOldConnection) {
  start();
  run([&] {
    RawClient first = client();
    const ConnectResponse session = first.connect();
    RawClient second = client();
    EXPECT_EQ(second.connect(10'000, session.session_id, session.password).session_id,
              session.session_id);
    first.await_end();
    EXPECT_TRUE(first.hung_up());
    EXPECT_TRUE(second.exists("/"));
    RawClient thief = client();
    EXPECT_EQ(thief.connect(10'000, session.session_id, ByteBuffer(16)).session_id, 0);
    RawClient from_the_future = client();
    from_the_future.connect(10'000, 0, {}, 1000);
    EXPECT_TRUE(from_the_future.hung_up());
  });
}

TEST_F(ZooKeeperServerTest, TimeoutsAreNegotiated) {
  start();
  run([&] {
    EXPECT_EQ(client().connect(1).timeout_ms, 2'000);
    EXPECT_EQ(client().connect(1'000'000).timeout_ms, 20'000);
  });
}

TEST_F(ZooKeeperServerTest, WatchesThatComeBackTellWhatWasMissed) {
  start();
  run([&] {
    RawClient writer = client();
    writer.connect();
    for (const char* path : {"/same", "/changed", "/deleted"}) writer.create(path);
    const Zxid seen = sim_.server().last_zxid();
    writer.call(OpCode::kSetData, SetDataRequest{"/changed", {}, kAnyVersion});
    writer.call(OpCode::kDelete, PathVersionRequest{"/deleted"});
    writer.create("/created");
    writer.create("/changed/child");
    RawClient reader = client();
    reader.connect();
    const SetWatchesRequest watches{
        seen, {"/same", "/changed", "/deleted"}, {"/created", "/to come"}, {"/same", "/changed"}};
    EXPECT_EQ(reader.call(OpCode::kSetWatches, watches).header.err, ZkError::kOk);
    std::vector<std::pair<std::string, EventType>> events;
    while (reader.events_waiting() > 0) {
      const WatcherEvent event = reader.event();
      events.emplace_back(event.path, event.type);
    }
    using enum EventType;
    EXPECT_THAT(events, ElementsAre(std::pair("/changed", kNodeDataChanged),
                                    std::pair("/deleted", kNodeDeleted),
                                    std::pair("/created", kNodeCreated),
                                    std::pair("/changed", kNodeChildrenChanged)));
    EXPECT_EQ(sim_.server().watches().size(), 3U);
    writer.create("/to come");
    EXPECT_EQ(reader.event().path, "/to come");
  });
}

TEST_F(ZooKeeperServerTest, AFailedMultiSaysWhichPartAndDoesNothing) {
  start();
  run([&] {
    RawClient client = this->client();
    client.connect();
    const MultiHeader create{OpCode::kCreate};
    const CreateRequest a{"/a", {}, open_acl(), {}};
    const MultiHeader check{OpCode::kCheck};
    const PathVersionRequest nothing{"/nothing"};
    const MultiHeader end{OpCode::kError, true};
    const auto reply = client.call(OpCode::kMulti, create, a, check, nothing, create, a, end);
    EXPECT_EQ(reply.header.err, ZkError::kOk);
    JuteReader in(reply.body);
    std::vector<ZkError> errors;
    for (int i = 0; i < 3; ++i) {
      MultiHeader header;
      ErrorResponse error;
      in(header, error);
      EXPECT_EQ(header.type, OpCode::kError);
      errors.push_back(error.err);
    }
    EXPECT_THAT(errors,
                ElementsAre(ZkError::kOk, ZkError::kNoNode, ZkError::kRuntimeInconsistency));
    EXPECT_FALSE(client.exists("/a"));
  });
}

TEST_F(ZooKeeperServerTest, ADelayedEventHoldsBackWhatIsBehindIt) {
  start();
  sim_.server().delay_notifications(5s);
  run([&] {
    RawClient client = this->client();
    client.connect();
    client.exists("/a", true);
    const Instant before = sim_.client_node.clock().monotonic();
    EXPECT_EQ(client.create("/a"), ZkError::kOk);
    EXPECT_GE(sim_.client_node.clock().monotonic() - before, 5s);
    EXPECT_EQ(client.events_waiting(), 1U);
  });
}

TEST_F(ZooKeeperServerTest, WhatIsNoRequestEndsTheConnectionOnly) {
  start();
  run([&] {
    RawClient other = client();
    other.connect();
    RawClient bad = client();
    bad.connect();
    EXPECT_EQ(bad.call(OpCode::kCreate, int32_t{1'000'000}).header.err, ZkError::kMarshallingError);
    EXPECT_EQ(bad.call(static_cast<OpCode>(77)).header.err, ZkError::kUnimplemented);
    EXPECT_EQ(bad.call(OpCode::kCheck, PathVersionRequest{"/"}).header.err,
              ZkError::kUnimplemented);
    bad.call(OpCode::kCreate, std::string(2'000'000, 'x'));  // more than jute.maxbuffer
    EXPECT_TRUE(bad.hung_up());
    EXPECT_TRUE(other.exists("/"));
  });
}

TEST_F(ZooKeeperServerTest, AnAddressHasSoManyConnections) {
  sim_.config.max_client_cnxns = 2;
  start();
  run([&] {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(std::make_unique<RawClient>(sim_.client_node, sim_.address));
      EXPECT_EQ(clients.back()->connect().session_id != 0, i < 2);
    }
  });
}

TEST(ZooKeeperServerConfigTest, ReadsTheKeysOfZooCfg) {
  const auto config = ZooKeeperServerConfig::parse({{"dataDir", "/d"},
                                                    {"clientPort", "0"},
                                                    {"tickTime", "100"},
                                                    {"maxClientCnxns", "0"},
                                                    {"forceSync", "no"},
                                                    {"unknown", "ignored"},
                                                    {"autopurge.snapRetainCount", "1"}});
  EXPECT_EQ(config.address.port, 0);
  EXPECT_EQ(config.min_timeout_ms(), 200);
  EXPECT_EQ(config.max_timeout_ms(), 2'000);
  EXPECT_FALSE(config.force_sync);
  EXPECT_EQ(config.snap_retain_count, 3);
  using Properties = std::map<std::string, std::string>;
  for (const Properties& bad :
       {Properties{},
        {{"dataDir", "/d"}, {"tickTime", "0"}},
        {{"dataDir", "/d"}, {"clientPort", "x"}},
        {{"dataDir", "/d"}, {"server.1", "a:1:2"}},
        {{"dataDir", "/d"}, {"minSessionTimeout", "9"}, {"maxSessionTimeout", "8"}}})
    EXPECT_THROW(ZooKeeperServerConfig::parse(bad), ConfigException);
}

}  // namespace
}  // namespace kafkascope::zk

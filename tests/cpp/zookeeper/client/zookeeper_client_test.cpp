// ZooKeeperClient against the embedded server: requests, watches, lost connections, expired
// sessions.
#include "common/errors.h"
#include "runtime/metrics/metrics_registry.h"
#include "zookeeper/client/client_on_server.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using zk::ZkError;

using ZooKeeperClientTest = ClientOnServerTest;

TEST_F(ZooKeeperClientTest, EachKindOfRequest) {
  run([&] {
    TestZkClient client(node());
    EXPECT_EQ(client.create("/a", "one").path, "/a");
    EXPECT_EQ(client.create("/a").error, ZkError::kNodeExists);
    EXPECT_EQ(client.create("/a/s-", "", zk::CreateMode::kPersistentSequential).path,
              "/a/s-0000000000");
    EXPECT_EQ(client.text("/a"), "one");
    EXPECT_EQ(client.get("/a").stat.num_children, 1);
    EXPECT_EQ(client.get("/b").error, ZkError::kNoNode);
    const auto set = [&](int32_t version) {
      return client.zookeeper.handle_request({"/a", ZkRequest::SetData{zk::to_data("2"), version}});
    };
    EXPECT_EQ(set(0).stat.version, 1);
    EXPECT_EQ(set(0).error, ZkError::kBadVersion);
    EXPECT_THAT(client.zookeeper.handle_request({"/a", ZkRequest::GetChildren{}}).children,
                ElementsAre("s-0000000000"));
    EXPECT_EQ(client.zookeeper.handle_request({"/a", ZkRequest::GetAcl{}}).acl, zk::open_acl());
    EXPECT_EQ(client.zookeeper.handle_request({"/a", ZkRequest::Delete{}}).error,
              ZkError::kNotEmpty);
    EXPECT_EQ(client.zookeeper.handle_request({"/a", ZkRequest::Exists{}}).stat.data_length, 1);
  });
}

TEST_F(ZooKeeperClientTest, NullIsNotEmpty) {
  run([&] {
    TestZkClient client(node());
    client.zookeeper.handle_request({"/null", ZkRequest::Create{}});
    client.create("/empty", "");
    EXPECT_EQ(client.get("/null").data, std::nullopt);
    EXPECT_EQ(client.get("/empty").data, ByteBuffer{});
  });
}

TEST_F(ZooKeeperClientTest, AMultiIsAllOrNothingAndSaysWhichPartFailed) {
  run([&] {
    TestZkClient client(node());
    const auto multi = [&](const std::string& checked) {
      ZkRequest::Multi operations;
      operations.operations.push_back({"/m", ZkRequest::Create{}});
      operations.operations.push_back({checked, ZkRequest::Check{}});
      operations.operations.push_back({"/m", ZkRequest::SetData{zk::to_data("x"), 0}});
      return client.zookeeper.handle_request({"/m", std::move(operations)});
    };
    const ZkResponse failed = multi("/missing");
    EXPECT_EQ(failed.error, ZkError::kNoNode);
    ASSERT_EQ(failed.parts.size(), 3U);
    EXPECT_TRUE(failed.parts[0].ok());
    EXPECT_EQ(failed.parts[1].error, ZkError::kNoNode);
    EXPECT_EQ(failed.parts[2].error, ZkError::kRuntimeInconsistency);
    EXPECT_EQ(client.get("/m").error, ZkError::kNoNode);
    const ZkResponse done = multi("/m");
    EXPECT_TRUE(done.ok());
    EXPECT_EQ(done.parts.at(2).stat.version, 1);
  });
}

TEST_F(ZooKeeperClientTest, PipelinedRequestsAreDoneInOrder) {
  run([&] {
    TestZkClient client(node());
    client.create("/p");
    std::vector<ZkRequest> requests;
    for (int i = 0; i < 1000; ++i) {
      requests.push_back({"/p/n-", ZkRequest::Create{{}, zk::CreateMode::kEphemeralSequential}});
    }
    const Instant start = node().clock().monotonic();
    const std::vector<ZkResponse> responses = client.zookeeper.handle_requests(requests);
    const Duration taken = node().clock().monotonic() - start;
    ASSERT_EQ(responses.size(), 1000U);
    EXPECT_EQ(responses.front().path, "/p/n-0000000000");
    EXPECT_EQ(responses.back().path, "/p/n-0000000999");
    EXPECT_LT(taken, 500ms);  // one after the other they take 0.6 ms on the way, each
  });
}

TEST_F(ZooKeeperClientTest, AChrootIsMadeAndNotSeen) {
  run([&] {
    TestZkClient whole(node());
    TestZkClient below(node(), "/clusters/one");
    EXPECT_EQ(below.create("/a").error, ZkError::kNoNode);
    below.zookeeper.make_sure_chroot_exists();
    below.zookeeper.make_sure_chroot_exists();
    EXPECT_EQ(below.create("/a", "data").path, "/a");
    EXPECT_EQ(whole.text("/clusters/one/a"), "data");
    EXPECT_THAT(below.zookeeper.handle_request({"/", ZkRequest::GetChildren{}}).children,
                ElementsAre("a"));
    std::vector<std::string> told;
    below.zookeeper.register_znode_change_handler(std::make_shared<RecordingHandler>("/a", told));
    EXPECT_EQ(below.text("/a"), "data");
    whole.set("/clusters/one/a", "new");
    await([&] { return !told.empty(); });
    EXPECT_THAT(told, ElementsAre("changed /a"));
  });
}

TEST_F(ZooKeeperClientTest, AWatchFiresOnceForEachReadAndOnlyForHandlers) {
  run([&] {
    TestZkClient client(node());
    TestZkClient other(node());
    std::vector<std::string> told;
    const auto handler = std::make_shared<RecordingHandler>("/w", told);
    client.zookeeper.register_znode_change_handler(handler);
    client.zookeeper.register_znode_child_change_handler(handler);
    EXPECT_EQ(client.zookeeper.handle_request({"/w", ZkRequest::Exists{}}).error, ZkError::kNoNode);
    other.create("/w");
    other.set("/w", "not watched: nothing was read since");
    EXPECT_TRUE(client.get("/w").ok());
    client.zookeeper.handle_request({"/w", ZkRequest::GetChildren{.register_watch = false}});
    other.create("/w/a");
    client.zookeeper.handle_request({"/w", ZkRequest::GetChildren{}});
    other.create("/w/b");
    other.set("/w", "watched");
    await([&] { return told.size() == 3; });
    EXPECT_THAT(told, ElementsAre("created /w", "children of /w", "changed /w"));
    client.zookeeper.unregister_znode_change_handler("/w");
    client.get("/w");
    other.set("/w", "again");
    EXPECT_EQ(client.text("/w"), "again");
    EXPECT_EQ(told.size(), 3U);
  });
}

TEST_F(ZooKeeperClientTest, ACutOffClientComesBackUnderItsSessionAndHearsWhatItMissed) {
  run([&] {
    TestZkClient client(node(), "", 20s);
    std::vector<std::string> told;
    client.create("/data", "old");
    client.create("/gone");
    for (const char* path : {"/data", "/made", "/gone"}) {
      const auto handler = std::make_shared<RecordingHandler>(path, told);
      client.zookeeper.register_znode_change_handler(handler);
      client.zookeeper.handle_request({path, ZkRequest::Exists{}});
    }
    client.create("/e", "", zk::CreateMode::kEphemeral);
    const zk::SessionId session = client.zookeeper.session_id();
    sim.sim.network().cut("client", "zk");
    sim.sim.network().cut("zk", "client");
    EXPECT_EQ(client.get("/data").error, ZkError::kConnectionLoss);
    sim.sim.network().heal();
    {
      TestZkClient other(node());
      other.set("/data", "new");
      other.create("/made");
      other.zookeeper.handle_request({"/gone", ZkRequest::Delete{}});
    }
    client.zookeeper.wait_until_connected(30s);
    EXPECT_EQ(client.zookeeper.session_id(), session);
    await([&] { return told.size() == 3; });
    std::sort(told.begin(), told.end());
    EXPECT_THAT(told, ElementsAre("changed /data", "created /made", "deleted /gone"));
    EXPECT_TRUE(client.get("/e").ok());
  });
}

TEST_F(ZooKeeperClientTest, AServerThatStandsStillIsGivenUpAlsoWithAFrameHalfSent) {
  run([&] {
    TestZkClient client(node(), "", 9s);
    client.create("/large");
    sim.sim.pause("zk");
    const Instant start = node().clock().monotonic();
    const ZkRequest large{"/large", ZkRequest::SetData{ByteBuffer(1'000'000)}};
    const std::vector<ZkResponse> lost = client.zookeeper.handle_requests({large, large, large});
    EXPECT_THAT(lost, testing::Each(testing::Field(&ZkResponse::error, ZkError::kConnectionLoss)));
    EXPECT_NEAR(std::chrono::duration<double>(node().clock().monotonic() - start).count(), 6, 0.1);
    sim.sim.resume("zk");
    client.zookeeper.wait_until_connected(60s);
    EXPECT_TRUE(client.zookeeper.handle_request(large).ok());
  });
}

TEST_F(ZooKeeperClientTest, AServerThatCrashesAndComesBackKeepsTheSession) {
  std::unique_ptr<TestZkClient> client;
  zk::SessionId session = 0;
  run([&] {
    client = std::make_unique<TestZkClient>(node(), "", 10s);
    client->create("/e", "", zk::CreateMode::kEphemeral);
    session = client->zookeeper.session_id();
  });
  sim.crash();
  ASSERT_TRUE(sim.start());
  run([&] {
    client->zookeeper.wait_until_connected(30s);
    EXPECT_EQ(client->zookeeper.session_id(), session);
    EXPECT_EQ(client->get("/e").stat.ephemeral_owner, session);
    client.reset();
  });
}

TEST_F(ZooKeeperClientTest, AnExpiredSessionIsMadeAnewBetweenItsHandlers) {
  run([&] {
    TestZkClient client(node());
    struct Reader : RecordingHandler {
      Reader(TestZkClient& client, std::vector<std::string>& told)
          : RecordingHandler("/x", told), client(client) {}
      void before_initializing_session() override {
        told.push_back("before: " + client.text("/x"));
      }
      void after_initializing_session() override { told.push_back("after: " + client.text("/x")); }
      TestZkClient& client;
    };
    std::vector<std::string> told;
    client.zookeeper.register_state_change_handler(std::make_shared<Reader>(client, told));
    client.create("/x", "there");
    client.create("/e", "", zk::CreateMode::kEphemeral);
    for (int round = 0; round < 2; ++round) {
      told.clear();
      const zk::SessionId old = client.zookeeper.session_id();
      sim.server().expire_session(old);
      await([&] { return told.size() == 2; });
      EXPECT_THAT(told, ElementsAre("before: SessionExpired", "after: there"));
      EXPECT_NE(client.zookeeper.session_id(), old);
      EXPECT_EQ(client.get("/e").error, ZkError::kNoNode);
    }
  });
}

TEST_F(ZooKeeperClientTest, CloseEndsTheSessionAndEverythingThatWaits) {
  run([&] {
    TestZkClient watcher(node());
    TestZkClient client(node());
    client.create("/e", "", zk::CreateMode::kEphemeral);
    client.zookeeper.close();
    client.zookeeper.close();
    EXPECT_EQ(watcher.get("/e").error, ZkError::kNoNode);
    EXPECT_EQ(client.get("/e").error, ZkError::kSessionExpired);
    EXPECT_EQ(client.zookeeper.connection_state(), zk::KeeperState::kClosed);
    EXPECT_THROW(client.zookeeper.wait_until_connected(), zk::ZkException);
  });
}

TEST_F(ZooKeeperClientTest, WhoCannotConnectSaysWhatWasWrongWithEachServer) {
  run([&] {
    ZooKeeperClient client(node(), {.connect = "zk:1,nowhere:2181", .connection_timeout = 5s},
                           "zk");
    try {
      client.start();
      ADD_FAILURE() << "connected to nobody";
    } catch (const KafkaException& failure) {
      EXPECT_EQ(failure.code(), ErrorCode::kRequestTimedOut);
      EXPECT_THAT(failure.what(), HasSubstr("zk:1: "));
      EXPECT_THAT(failure.what(), HasSubstr("nowhere:2181: "));
    }
    client.close();
  });
}

TEST_F(ZooKeeperClientTest, Metrics) {
  run([&] {
    MetricsRegistry metrics(node());
    {
      TestZkClient client(node(), "", 6s, &metrics);
      client.create("/a");
      const auto snapshot = metrics.snapshot();
      const auto value = [&](const char* type, const char* name, const char* attribute) {
        return snapshot.at({"kafka.server", type, name, {}}).at(attribute);
      };
      EXPECT_EQ(value("SessionExpireListener", "ZooKeeperSyncConnectsPerSec", "Count"), 1);
      EXPECT_EQ(value("SessionExpireListener", "ZooKeeperExpiresPerSec", "Count"), 0);
      EXPECT_EQ(value("SessionExpireListener", "SessionState", "Value"), 2);
      EXPECT_EQ(value("ZooKeeperClientMetrics", "ZooKeeperRequestLatencyMs", "Count"), 1);
    }
    EXPECT_FALSE(
        metrics.snapshot().contains({"kafka.server", "SessionExpireListener", "SessionState", {}}));
  });
}

}  // namespace
}  // namespace kafkascope

#include "clients/blocking_sender.h"

#include <gmock/gmock.h>

#include "clients/fake_broker.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "runtime/real/real_runtime.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr uint16_t kPort = 9092;

CommonClientConfig config() {
  CommonClientConfig config{};
  config.client_id = "broker-0-fetcher-0";
  config.request_timeout = 5s;
  config.reconnect_backoff = config.reconnect_backoff_max = 50ms;
  config.connections_max_idle = 600s;
  config.connection_setup_timeout = config.connection_setup_timeout_max = 2s;
  return config;
}

std::unique_ptr<RequestBody> list_offsets(const std::string& topic) {
  protocol::ListOffsetsRequest request;
  request.topics.emplace_back().name = topic;
  request.topics.back().partitions.emplace_back().timestamp = -1;
  return make_request(std::move(request));
}

/// A client and a scripted broker in virtual time; the body of each test runs on the client.
class BlockingSenderTest : public testing::Test {
 protected:
  void run(const std::function<void(BlockingSender&)>& body) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer watches threads, not fibers";
#endif
    runtime.call(client, [&] {
      client.sleep(1s);  // virtual: an attempt at time zero counts as none
      BlockingSender sender(client, config(), {1, {"server", kPort}, std::nullopt});
      body(sender);
      sender.close();
      stop_broker();
    });
  }
  void start_broker() {
    broker = std::make_unique<FakeCluster>(
        server, FakeCluster::Options{.ports = {kPort}, .host = "server"});
    broker->create_topic("t", 1);
    broker->start();
  }
  void stop_broker() {
    if (broker) broker->shutdown();
    broker.reset();
  }
  void expect_answer(BlockingSender& sender) {
    const ClientResponse response = sender.send(list_offsets("t"), 1s);
    const auto decoded = response.decode<protocol::ListOffsetsResponse>();
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->topics.at(0).name, "t");
  }
  void expect_failure(const ClientResponse& response, const std::string& why) {
    ASSERT_TRUE(response.failure.has_value());
    EXPECT_EQ(response.failure->code, ErrorCode::kNetworkException);
    EXPECT_THAT(response.failure->message, HasSubstr(why));
  }
  Duration since(Instant start) { return client.clock().monotonic() - start; }

  sim::SimRuntime runtime{{}};
  Node& server = runtime.add_node("server");
  Node& client = runtime.add_node("client");
  std::unique_ptr<FakeCluster> broker;
};

TEST_F(BlockingSenderTest, SendsOverOneConnectionAndAsksForNoMetadata) {
  run([&](BlockingSender& sender) {
    start_broker();
    for (int i = 0; i < 3; ++i) expect_answer(sender);
    EXPECT_EQ(broker->request_count(protocol::ApiKey::kListOffsets), 3);
    EXPECT_EQ(broker->request_count(protocol::ApiKey::kApiVersions), 1);
    EXPECT_EQ(broker->request_count(protocol::ApiKey::kMetadata), 0);
  });
}

TEST_F(BlockingSenderTest, ARefusedConnectionFailsAtOnceAndTheNextAttemptWaits) {
  run([&](BlockingSender& sender) {
    const Instant start = client.clock().monotonic();
    expect_failure(sender.send(list_offsets("t"), 10s), "refused");
    EXPECT_LT(since(start), 10ms);
    const Instant failed = client.clock().monotonic();
    expect_failure(sender.send(list_offsets("t"), 10s), "refused");
    EXPECT_GE(since(failed), 40ms);  // 50 ms, with jitter
    EXPECT_LT(since(failed), 70ms);
  });
}

TEST_F(BlockingSenderTest, ANameThatDoesNotResolveFails) {
  runtime.call(client, [&] {
    BlockingSender sender(client, config(), {1, {"nowhere", kPort}, std::nullopt});
    expect_failure(sender.send(list_offsets("t"), 1s), "nowhere");
    sender.close();
  });
}

TEST_F(BlockingSenderTest, AConnectionLostInTheMiddleFailsTheRequestAndIsMadeAnew) {
  run([&](BlockingSender& sender) {
    start_broker();
    expect_answer(sender);
    const auto lose = [&](double chance) {
      Lock lock(broker->lock());
      broker->lose_answer = chance;
    };
    lose(1);
    expect_failure(sender.send(list_offsets("t"), 1s), "disconnected from broker 1");
    lose(0);
    expect_answer(sender);
  });
}

TEST_F(BlockingSenderTest, ABrokerThatStopsAnsweringCostsTheTimeoutAndTheConnection) {
  run([&](BlockingSender& sender) {
    start_broker();
    expect_answer(sender);
    runtime.network().cut("server", "client");
    const Instant start = client.clock().monotonic();
    expect_failure(sender.send(list_offsets("t"), 700ms), "no answer in time");
    EXPECT_EQ(since(start), 700ms);
    runtime.network().heal();
    expect_answer(sender);  // not the late answer to the request before
    EXPECT_EQ(broker->request_count(protocol::ApiKey::kApiVersions), 2);
  });
}

TEST_F(BlockingSenderTest, ABrokerThatNobodyReachesCostsTheTimeout) {
  run([&](BlockingSender& sender) {
    start_broker();
    runtime.network().cut("client", "server");
    const Instant start = client.clock().monotonic();
    expect_failure(sender.send(list_offsets("t"), 700ms), "no answer in time");
    EXPECT_EQ(since(start), 700ms);
  });
}

TEST_F(BlockingSenderTest, ConnectsAgainToABrokerThatCameBack) {
  run([&](BlockingSender& sender) {
    start_broker();
    expect_answer(sender);
    stop_broker();
    start_broker();
    client.sleep(1ms);  // virtual: the end of the old connection arrives
    expect_answer(sender);
  });
}

TEST_F(BlockingSenderTest, AnApiThatTheBrokerDoesNotKnowIsRefusedAndTheConnectionStays) {
  run([&](BlockingSender& sender) {
    start_broker();
    {
      Lock lock(broker->lock());
      broker->max_versions[protocol::ApiKey::kListOffsets] = -1;
    }
    const ClientResponse response = sender.send(list_offsets("t"), 1s);
    ASSERT_TRUE(response.failure.has_value());
    EXPECT_EQ(response.failure->code, ErrorCode::kUnsupportedVersion);
    (void)sender.send(list_offsets("t"), 1s);
    EXPECT_EQ(broker->request_count(protocol::ApiKey::kApiVersions), 1);
  });
}

TEST_F(BlockingSenderTest, ClosedByAnotherThreadWhileItWaits) {
  run([&](BlockingSender& sender) {
    start_broker();
    expect_answer(sender);
    runtime.network().cut("server", "client");
    const Instant start = client.clock().monotonic();
    Thread closer(client, "closer", [&] {
      client.sleep(100ms);
      sender.initiate_close();
    });
    expect_failure(sender.send(list_offsets("t"), 30s), "closed");
    EXPECT_EQ(since(start), 100ms);
    closer.join();
    expect_failure(sender.send(list_offsets("t"), 30s), "closed");
    EXPECT_EQ(since(start), 100ms);
  });
}

TEST(BlockingSenderOnThreadsTest, ClosedByAnotherThreadWhileItWaits) {
  real::RealRuntime runtime;
  const auto server = runtime.make_node("server");
  const auto client = runtime.make_node("client");
  const auto silent = server->network().listen({"127.0.0.1", 0});  // accepts, never answers
  BlockingSender sender(*client, config(), {1, silent->local_endpoint(), std::nullopt});
  std::optional<ClientResponse> response;
  Thread waiting(*client, "sender", [&] { response = sender.send(list_offsets("t"), 60s); });
  sender.initiate_close();
  waiting.join();
  sender.close();
  ASSERT_TRUE(response->failure.has_value());
  EXPECT_THAT(response->failure->message, HasSubstr("closed"));
}

}  // namespace
}  // namespace kafkascope

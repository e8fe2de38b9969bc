#include "replication/fetcher/remote_leader_end_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clients/fake_broker.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "runtime/sim/sim_runtime.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using protocol::ApiKey;
using V = MetadataVersion;

constexpr uint16_t kPort = 9092;
const TopicPartition kT0{"t", 0}, kT1{"t", 1};
const Uuid kTopicId{7, 1};  // as FakeCluster gives it to its first topic

ByteBuffer batch(Offset offset) {
  MemoryRecordsBuilder builder({.base_offset = offset});
  builder.append(1'500'000'000'000, std::nullopt, as_bytes("value"));
  return builder.close();
}

/// A leader that a FakeCluster plays, in virtual time, for each protocol version.
class RemoteLeaderEndPointTest : public testing::Test {
 protected:
  using Body = std::function<void(RemoteLeaderEndPoint&)>;
  void run(MetadataVersion version, const Body& body) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer watches threads, not fibers";
#endif
    ReplicationConfig config;
    config.broker_id = 5;
    config.protocol.version = version;
    config.replica_socket_timeout = 2s;
    config.inter_broker_client.request_timeout = 2s;
    config.inter_broker_client.reconnect_backoff = 50ms;
    config.inter_broker_client.reconnect_backoff_max = 50ms;
    config.inter_broker_client.connections_max_idle = 600s;
    config.inter_broker_client.connection_setup_timeout = 2s;
    config.inter_broker_client.connection_setup_timeout_max = 2s;
    runtime.call(follower, [&] {
      follower.sleep(1s);
      start_broker();
      RemoteLeaderEndPoint leader(follower, config, {1, {"leader", kPort}, std::nullopt}, 0,
                                  [] { return 77; });
      body(leader);
      leader.close();
      broker->shutdown();
      broker.reset();
    });
  }
  void start_broker() {
    broker = std::make_unique<FakeCluster>(
        node, FakeCluster::Options{.ports = {kPort}, .host = "leader"});
    broker->create_topic("t", 2);
    broker->start();
  }
  void append(const TopicPartition& tp) {
    Lock lock(broker->lock());
    broker->append(tp, batch(broker->logs[tp].end));
  }
  /// The next requests of this kind are answered so.
  template <typename Request, typename Response>
  void answer(ApiKey api, std::function<Response(const Request&)> with) {
    Lock lock(broker->lock());
    broker->on(api, [this, with](const FakeCluster::Request& request) {
      version = request.version();
      return protocol::encode_response(with(request.decode<Request>()), request.version(),
                                       request.header.correlation_id);
    });
  }
  static FetchPartitions wanted(std::map<TopicPartition, Offset> offsets, Uuid id = kTopicId) {
    FetchPartitions partitions;
    for (const auto& [tp, offset] : offsets) {
      FetchPartitionData& data = partitions[tp];
      data.topic_id = id;
      data.fetch_offset = offset;
      data.log_start_offset = 0;
      data.max_bytes = 1 << 20;
      data.current_leader_epoch = 3;
    }
    return partitions;
  }

  sim::SimRuntime runtime{{}};
  Node& node = runtime.add_node("leader");
  Node& follower = runtime.add_node("follower");
  std::unique_ptr<FakeCluster> broker;
  int16_t version = -1;
};

TEST_F(RemoteLeaderEndPointTest, FetchesOverOneSessionAndHearsOnlyWhatIsNew) {
  run(kLatestZkVersion, [&](RemoteLeaderEndPoint& leader) {
    append(kT0);
    auto first = leader.fetch(wanted({{kT0, 0}, {kT1, 0}}));
    ASSERT_TRUE(first.ok()) << first.error().message;
    ASSERT_EQ(first->size(), 2u);
    EXPECT_EQ(first->at(kT0).high_watermark, 1);
    EXPECT_EQ(MemoryRecords(first->at(kT0).records).valid_bytes(), batch(0).size());
    append(kT1);
    auto second = leader.fetch(wanted({{kT0, 1}, {kT1, 0}}));
    ASSERT_TRUE(second.ok());
    ASSERT_EQ(second->size(), 1u);
    EXPECT_EQ(second->begin()->first, kT1);
    broker->forget_sessions();
    auto third = leader.fetch(wanted({{kT0, 1}, {kT1, 0}}));
    ASSERT_TRUE(third.ok());
    EXPECT_TRUE(third->empty());  // begins anew
    EXPECT_EQ(leader.fetch(wanted({{kT0, 1}, {kT1, 0}}))->size(), 2u);
  });
}

TEST_F(RemoteLeaderEndPointTest, BeforeSessionsEveryFetchIsAFullOne) {
  run(V::k1_0_Iv0, [&](RemoteLeaderEndPoint& leader) {
    append(kT0);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(leader.fetch(wanted({{kT0, 0}, {kT1, 0}}))->size(), 2u);
    EXPECT_EQ(broker->last_version(ApiKey::kFetch), 5);
  });
}

TEST_F(RemoteLeaderEndPointTest, AFetchSaysWhoAsks) {
  for (const auto& [ibp, expected] : {std::pair(V::k3_9_Iv0, 17), std::pair(V::k3_4_Iv0, 13),
                                      std::pair(V::k2_7_Iv1, 12), std::pair(V::k0_9_0, 1)}) {
    run(ibp, [&, expected = expected](RemoteLeaderEndPoint& leader) {
      protocol::FetchRequest seen;
      answer<protocol::FetchRequest, protocol::FetchResponse>(
          ApiKey::kFetch, [&](const protocol::FetchRequest& request) {
            seen = request;
            protocol::FetchResponse response;
            auto& topic = response.responses.emplace_back();
            topic.topic = "t";
            topic.topic_id = kTopicId;
            topic.partitions.emplace_back().error_code =
                static_cast<int16_t>(ErrorCode::kFencedLeaderEpoch);
            return response;
          });
      const auto answer = leader.fetch(wanted({{kT0, 9}}));
      ASSERT_TRUE(answer.ok()) << answer.error().message;
      EXPECT_EQ(answer->at(kT0).error, ErrorCode::kFencedLeaderEpoch);
      EXPECT_EQ(version, expected);
      EXPECT_EQ(expected >= 15 ? seen.replica_state.replica_id : seen.replica_id, 5);
      if (expected >= 15) {
        EXPECT_EQ(seen.replica_state.replica_epoch, 77);
      }
      EXPECT_EQ(seen.max_wait_ms, 500);
      EXPECT_EQ(seen.min_bytes, 1);
      EXPECT_EQ(seen.isolation_level, 0);
      EXPECT_EQ(seen.topics.at(0).partitions.at(0).fetch_offset, 9);
      if (expected >= 9) {
        EXPECT_EQ(seen.topics.at(0).partitions.at(0).current_leader_epoch, 3);
      }
    });
  }
}

TEST_F(RemoteLeaderEndPointTest, WithoutATopicIdTheTopicIsNamed) {
  run(kLatestZkVersion, [&](RemoteLeaderEndPoint& leader) {
    append(kT0);
    EXPECT_EQ(leader.fetch(wanted({{kT0, 0}}, Uuid()))->size(), 1u);
    EXPECT_EQ(broker->last_version(ApiKey::kFetch), 12);
  });
}

TEST_F(RemoteLeaderEndPointTest, HandsOnTheDivergingEpoch) {
  run(kLatestZkVersion, [&](RemoteLeaderEndPoint& leader) {
    answer<protocol::FetchRequest, protocol::FetchResponse>(
        ApiKey::kFetch, [&](const protocol::FetchRequest&) {
          protocol::FetchResponse response;
          auto& topic = response.responses.emplace_back();
          topic.topic_id = kTopicId;
          topic.partitions.emplace_back().diverging_epoch = {2, 40};
          return response;
        });
    const auto answer = leader.fetch(wanted({{kT0, 50}}));
    EXPECT_EQ(answer->at(kT0).diverging_epoch, (EpochEndOffset{ErrorCode::kNone, 2, 40}));
  });
}

TEST_F(RemoteLeaderEndPointTest, ARefusedFetchAndALostLeaderAreErrors) {
  run(kLatestZkVersion, [&](RemoteLeaderEndPoint& leader) {
    EXPECT_EQ(leader.fetch(wanted({{kT0, 0}}))->size(), 1u);
    broker->shutdown();
    EXPECT_EQ(leader.fetch(wanted({{kT0, 0}})).code(), ErrorCode::kNetworkException);
    EXPECT_EQ(leader.fetch_latest_offset(kT0, 3).code(), ErrorCode::kNetworkException);
    EXPECT_EQ(leader.fetch_epoch_end_offsets({{kT0, {3, 1}}}).at(kT0).error,
              ErrorCode::kNetworkException);
    start_broker();
    append(kT0);
    EXPECT_EQ(leader.fetch(wanted({{kT0, 0}, {kT1, 0}}))->size(), 2u);  // a new, full session
    answer<protocol::FetchRequest, protocol::FetchResponse>(
        ApiKey::kFetch, [&](const protocol::FetchRequest&) {
          protocol::FetchResponse response;
          response.error_code = static_cast<int16_t>(ErrorCode::kClusterAuthorizationFailed);
          return response;
        });
    EXPECT_EQ(leader.fetch(wanted({{kT0, 1}})).code(), ErrorCode::kClusterAuthorizationFailed);
  });
}

TEST_F(RemoteLeaderEndPointTest, AsksWhereEpochsEnd) {
  for (const auto& [ibp, expected] :
       {std::pair(V::k3_9_Iv0, 4), std::pair(V::k2_3_Iv1, 3), std::pair(V::k1_1_Iv0, 0)}) {
    run(ibp, [&, expected = expected](RemoteLeaderEndPoint& leader) {
      protocol::OffsetForLeaderEpochRequest seen;
      answer<protocol::OffsetForLeaderEpochRequest, protocol::OffsetForLeaderEpochResponse>(
          ApiKey::kOffsetForLeaderEpoch, [&](const protocol::OffsetForLeaderEpochRequest& request) {
            seen = request;
            protocol::OffsetForLeaderEpochResponse response;
            response.topics.emplace_back().topic = "t";
            response.topics.back().partitions.push_back({0, 0, 2, 40});
            return response;
          });
      const auto answers = leader.fetch_epoch_end_offsets({{kT0, {3, 2}}, {kT1, {3, 1}}});
      EXPECT_EQ(version, expected);
      const LeaderEpoch epoch = expected == 0 ? kNoLeaderEpoch : 2;  // not told before KIP-279
      EXPECT_EQ(answers.at(kT0), (EpochEndOffset{ErrorCode::kNone, epoch, 40}));
      EXPECT_EQ(answers.at(kT1).error, ErrorCode::kUnknownServerError);  // left out
      EXPECT_EQ(seen.topics.at(0).partitions.at(0).leader_epoch, 2);
      if (expected >= 3) {
        EXPECT_EQ(seen.replica_id, 5);
        EXPECT_EQ(seen.topics.at(0).partitions.at(0).current_leader_epoch, 3);
      }
    });
  }
}

TEST_F(RemoteLeaderEndPointTest, AsksForTheFirstAndTheLastOffset) {
  run(kLatestZkVersion, [&](RemoteLeaderEndPoint& leader) {
    for (int i = 0; i < 4; ++i) append(kT0);
    {
      Lock lock(broker->lock());
      broker->logs[kT0].start = 2;
    }
    EXPECT_EQ(*leader.fetch_earliest_offset(kT0, 3), 2);
    EXPECT_EQ(*leader.fetch_latest_offset(kT0, 3), 4);
    EXPECT_EQ(broker->last_version(ApiKey::kListOffsets), 9);
    EXPECT_EQ(leader.fetch_latest_offset({"missing", 0}, 3).code(),
              ErrorCode::kUnknownTopicOrPartition);
  });
  run(V::k0_10_1_Iv1, [&](RemoteLeaderEndPoint& leader) {
    answer<protocol::ListOffsetsRequest, protocol::ListOffsetsResponse>(
        ApiKey::kListOffsets, [&](const protocol::ListOffsetsRequest&) {
          protocol::ListOffsetsResponse response;
          response.topics.emplace_back().name = "t";
          response.topics.back().partitions.emplace_back().old_style_offsets = {17};
          return response;
        });
    EXPECT_EQ(*leader.fetch_latest_offset(kT0, 3), 17);
    EXPECT_EQ(version, 0);
  });
}

}  // namespace
}  // namespace kafkascope

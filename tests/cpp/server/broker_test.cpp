// A broker on real sockets: produce, fetch, restart, and what it says to requests that are wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/find_coordinator_request.h"
#include "protocol/messages/find_coordinator_response.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "protocol/schema.h"
#include "record/memory_records.h"
#include "record/memory_records_builder.h"
#include "replication/replica_manager.h"
#include "runtime/file_system.h"
#include "runtime/real/real_runtime.h"
#include "server/kafka_apis.h"
#include "server/kafka_server.h"
#include "server/test_client.h"

namespace kafkascope {
namespace {

using namespace protocol;  // NOLINT: the test is about messages

class BrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/kafkascope-test-XXXXXX";
    directory_ = ::mkdtemp(name);
    start();
  }
  void TearDown() override {
    server_->shutdown();
    remove_all(node_->files(), directory_);
  }
  void start() {
    server_ = std::make_unique<KafkaServer>(
        *node_, KafkaConfig::parse({{"broker.id", "1"},
                                    {"listeners", "PLAINTEXT://127.0.0.1:0"},
                                    {"log.dirs", directory_ + "/a," + directory_ + "/b"},
                                    {"num.io.threads", "2"},
                                    {"num.network.threads", "1"}}));
    server_->start();
    client_ = std::make_unique<TestClient>(*node_, server_->endpoints().front().address);
  }

  ErrorCode create(const std::string& topic, int32_t partitions = 1, int16_t factor = 1) {
    CreateTopicsRequest request;
    request.topics.push_back(
        {.name = topic, .num_partitions = partitions, .replication_factor = factor});
    const auto answer = client_->call<CreateTopicsResponse>(request, 7);
    return error_code_from_wire(answer.topics.at(0).error_code);
  }

  static ByteBuffer batch(const std::vector<std::string>& values) {
    MemoryRecordsBuilder builder({});
    for (const std::string& value : values) builder.append(1000, std::nullopt, as_bytes(value));
    return builder.close();
  }

  ProduceResponse::PartitionProduceResponse produce(const std::string& topic, ByteBuffer records,
                                                    int16_t version = 9) {
    ProduceRequest request{.acks = -1, .timeout_ms = 5000};
    request.topic_data.push_back({topic, {{0, Payload(SharedSlice::of(std::move(records)))}}});
    return client_->call<ProduceResponse>(request, version)
        .responses.at(0)
        .partition_responses.at(0);
  }

  FetchResponse fetch(const std::string& topic, Offset offset, int32_t max_wait_ms = 0,
                      int16_t version = 11) {
    FetchRequest request{.max_wait_ms = max_wait_ms, .min_bytes = 1, .max_bytes = 1 << 20};
    request.topics.push_back(
        {.topic = topic,
         .partitions = {{.partition = 0, .fetch_offset = offset, .partition_max_bytes = 1 << 20}}});
    return client_->call<FetchResponse>(request, version);
  }

  static std::vector<std::string> values_of(const FetchResponse& response) {
    std::vector<std::string> values;
    const auto& records = response.responses.at(0).partitions.at(0).records;
    MemoryRecords(records->slice)
        .for_each_record([&](const RecordBatch&, const RecordView& record) {
          values.emplace_back(as_text(*record.value));
        });
    return values;
  }

  real::RealRuntime runtime_;
  std::unique_ptr<Node> node_ = runtime_.make_node("broker-1");
  std::string directory_;
  std::unique_ptr<KafkaServer> server_;
  std::unique_ptr<TestClient> client_;
};

TEST_F(BrokerTest, KeepsWhatWasProducedAcrossARestart) {
  ASSERT_EQ(create("t"), ErrorCode::kNone);
  EXPECT_EQ(produce("t", batch({"a", "b"})).base_offset, 0);
  EXPECT_EQ(produce("t", batch({"c"})).base_offset, 2);
  EXPECT_THAT(values_of(fetch("t", 0)), testing::ElementsAre("a", "b", "c"));
  server_->shutdown();
  start();
  EXPECT_THAT(values_of(fetch("t", 0)), testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ(produce("t", batch({"d"})).base_offset, 3);
}

TEST_F(BrokerTest, OldClientsReadOldFormats) {
  create("t");
  produce("t", batch({"a", "b"}));
  for (int16_t version : {0, 2, 3}) {
    const FetchResponse response = fetch("t", 0, 0, version);
    EXPECT_THAT(values_of(response), testing::ElementsAre("a", "b")) << version;
    const RecordBatch first =
        *MemoryRecords(response.responses[0].partitions[0].records->slice).begin();
    EXPECT_EQ(first.magic(), version >= 2 ? 1 : 0);
  }
}

TEST_F(BrokerTest, OldClientsGetNoRecordsBelowTheirOffset) {
  create("t");
  produce("t", batch({"a", "b", "c"}));
  EXPECT_THAT(values_of(fetch("t", 1, 0, 3)), testing::ElementsAre("b", "c"));
  EXPECT_THAT(values_of(fetch("t", 1, 0, 4)), testing::ElementsAre("a", "b", "c"))
      << "newer ones get the batch";
}

TEST_F(BrokerTest, OldClientsAreRefusedWhereDownConversionIsOff) {
  create("t");
  server_->replica_manager().log_manager().update_topic_config(
      "t", {{"message.downconversion.enable", "false"}});
  produce("t", batch({"a"}));
  EXPECT_EQ(fetch("t", 0, 0, 3).responses.at(0).partitions.at(0).error_code,
            to_wire(ErrorCode::kUnsupportedVersion));
  EXPECT_THAT(values_of(fetch("t", 0)), testing::ElementsAre("a"));
}

TEST_F(BrokerTest, ALogMovesToAnotherDirectory) {
  create("t");
  produce("t", batch({"a", "b"}));
  const auto where = [&] {
    std::map<std::string, bool> found;  // directory -> is it the copy?
    DescribeLogDirsRequest everything;
    everything.topics.reset();
    for (const auto& dir : client_->call<DescribeLogDirsResponse>(everything, 4).results)
      for (const auto& topic : dir.topics)
        for (const auto& one : topic.partitions) found[dir.log_dir] = one.is_future_key;
    return found;
  };
  const auto move = [&](const std::string& topic, const std::string& path) {
    AlterReplicaLogDirsRequest request;
    request.dirs.push_back({path, {{topic, {0}}}});
    const auto answer = client_->call<AlterReplicaLogDirsResponse>(request, 2);
    return error_code_from_wire(answer.results.at(0).partitions.at(0).error_code);
  };
  const std::string a = directory_ + "/a", b = directory_ + "/b";
  EXPECT_THAT(where(), testing::ElementsAre(testing::Pair(a, false)));
  EXPECT_EQ(move("t", "/elsewhere"), ErrorCode::kLogDirNotFound);
  EXPECT_EQ(move("none", b), ErrorCode::kReplicaNotAvailable);
  EXPECT_EQ(move("t", b), ErrorCode::kNone);
  while (where() != std::map<std::string, bool>{{b, false}}) {
  }
  produce("t", batch({"c"}));
  EXPECT_THAT(values_of(fetch("t", 0)), testing::ElementsAre("a", "b", "c"));
  server_->shutdown();
  start();
  EXPECT_THAT(values_of(fetch("t", 0)), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(where(), testing::ElementsAre(testing::Pair(b, false)));
}

TEST_F(BrokerTest, AFetchWaitsForItsBytes) {
  create("t");
  const Instant before = node_->clock().monotonic();
  EXPECT_EQ(fetch("t", 0, 100).responses.at(0).partitions.at(0).records->size(), 0u);
  EXPECT_GE(node_->clock().monotonic() - before, std::chrono::milliseconds(100));
}

TEST_F(BrokerTest, SessionsCarryOnlyNews) {
  create("t");
  FetchRequest full{.max_wait_ms = 0, .min_bytes = 0, .max_bytes = 1 << 20, .session_epoch = 0};
  full.topics.push_back(
      {.topic = "t", .partitions = {{.partition = 0, .partition_max_bytes = 1000}}});
  const auto first = client_->call<FetchResponse>(full, 11);
  ASSERT_NE(first.session_id, 0);
  EXPECT_EQ(first.responses.size(), 1u);
  FetchRequest next{
      .max_wait_ms = 0, .max_bytes = 1 << 20, .session_id = first.session_id, .session_epoch = 1};
  EXPECT_TRUE(client_->call<FetchResponse>(next, 11).responses.empty());
  produce("t", batch({"x"}));
  next.session_epoch = 2;
  EXPECT_THAT(values_of(client_->call<FetchResponse>(next, 11)), testing::ElementsAre("x"));
  next.session_epoch = 7;
  EXPECT_EQ(client_->call<FetchResponse>(next, 11).error_code,
            static_cast<int16_t>(ErrorCode::kInvalidFetchSessionEpoch));
}

TEST_F(BrokerTest, ListsOffsets) {
  create("t");
  produce("t", batch({"a", "b"}));
  for (const auto& [timestamp, offset] :
       {std::pair<int64_t, Offset>{-1, 2}, {-2, 0}, {1000, 0}, {5000, -1}}) {
    ListOffsetsRequest request{.replica_id = -1};
    request.topics.push_back({"t", {{.partition_index = 0, .timestamp = timestamp}}});
    const auto answer = client_->call<ListOffsetsResponse>(request, 7);
    EXPECT_EQ(answer.topics.at(0).partitions.at(0).offset, offset) << timestamp;
  }
}

TEST_F(BrokerTest, DescribesTheProducersOfALog) {
  create("t");
  MemoryRecordsBuilder builder({.producer_id = 7, .producer_epoch = 2, .base_sequence = 0});
  for (const char* value : {"a", "b"}) builder.append(1000, std::nullopt, as_bytes(value));
  ASSERT_EQ(produce("t", builder.close()).error_code, 0);
  DescribeProducersRequest request;
  request.topics.push_back({"t", {0, 1}});
  const auto answer = client_->call<DescribeProducersResponse>(request, 0);
  const auto& known = answer.topics.at(0).partitions.at(0);
  ASSERT_EQ(known.active_producers.size(), 1u);
  EXPECT_EQ(known.active_producers[0].producer_id, 7);
  EXPECT_EQ(known.active_producers[0].producer_epoch, 2);
  EXPECT_EQ(known.active_producers[0].last_sequence, 1);
  EXPECT_EQ(known.active_producers[0].last_timestamp, 1000);
  EXPECT_EQ(known.active_producers[0].current_txn_start_offset, -1);
  EXPECT_EQ(answer.topics[0].partitions.at(1).error_code,
            static_cast<int16_t>(ErrorCode::kUnknownTopicOrPartition));
}

TEST_F(BrokerTest, RefusesWithKafkasCodes) {
  EXPECT_EQ(create("a b"), ErrorCode::kInvalidTopicException);
  EXPECT_EQ(create("t", 0), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(create("t", 1, 3), ErrorCode::kInvalidReplicationFactor);
  EXPECT_EQ(create("t"), ErrorCode::kNone);
  EXPECT_EQ(create("t"), ErrorCode::kTopicAlreadyExists);
  EXPECT_EQ(produce("nowhere", batch({"a"})).error_code,
            static_cast<int16_t>(ErrorCode::kUnknownTopicOrPartition));
  ByteBuffer broken = batch({"a"});
  broken.back() ^= 1;
  EXPECT_EQ(produce("t", broken).error_code, static_cast<int16_t>(ErrorCode::kCorruptMessage));
  EXPECT_EQ(fetch("t", 99).responses.at(0).partitions.at(0).error_code,
            static_cast<int16_t>(ErrorCode::kOffsetOutOfRange));
  FetchRequest as_replica{.replica_id = 2};
  EXPECT_EQ(client_->call<FetchResponse>(as_replica, 11).error_code,
            static_cast<int16_t>(ErrorCode::kClusterAuthorizationFailed));
  FindCoordinatorRequest find{.key = "group"};
  EXPECT_EQ(client_->call<FindCoordinatorResponse>(find, 3).error_code,
            static_cast<int16_t>(ErrorCode::kCoordinatorNotAvailable));
}

TEST_F(BrokerTest, MetadataCreatesTopicsAndForgetsDeletedOnes) {
  MetadataRequest request;
  request.topics->push_back({.name = "made-by-asking"});
  auto answer = client_->call<MetadataResponse>(request, 12);
  EXPECT_EQ(answer.topics.at(0).error_code, static_cast<int16_t>(ErrorCode::kLeaderNotAvailable));
  EXPECT_TRUE(answer.topics[0].partitions.empty()) << "the request that creates a topic";
  answer = client_->call<MetadataResponse>(request, 12);
  ASSERT_EQ(answer.topics.at(0).error_code, 0);
  EXPECT_EQ(answer.topics[0].partitions.at(0).leader_id, 1);
  EXPECT_FALSE(answer.topics[0].topic_id.is_zero());
  DeleteTopicsRequest remove{.timeout_ms = 1000};
  remove.topics.push_back({.name = "made-by-asking"});
  EXPECT_EQ(client_->call<DeleteTopicsResponse>(remove, 6).responses.at(0).error_code, 0);
  request.allow_auto_topic_creation = false;
  answer = client_->call<MetadataResponse>(request, 12);
  EXPECT_EQ(answer.topics.at(0).error_code,
            static_cast<int16_t>(ErrorCode::kUnknownTopicOrPartition));
}

/// kafka-python reads the bits of a topic that does not exist, too.
TEST_F(BrokerTest, AuthorizedOperationsAreToldOfEveryTopicThatIsAskedFor) {
  create("t");
  MetadataRequest request{.allow_auto_topic_creation = false,
                          .include_topic_authorized_operations = true};
  request.topics->push_back({.name = "t"});
  request.topics->push_back({.name = "missing"});
  const auto answer = client_->call<MetadataResponse>(request, 12);
  for (const auto& topic : answer.topics) EXPECT_GT(topic.topic_authorized_operations, 0);
  request.include_topic_authorized_operations = false;
  EXPECT_EQ(client_->call<MetadataResponse>(request, 12).topics.at(0).topic_authorized_operations,
            INT32_MIN);
}

TEST_F(BrokerTest, MetadataFindsTopicsByTheirIds) {
  create("t");
  MetadataRequest request;
  request.topics->push_back({.name = "t"});
  const Uuid id = client_->call<MetadataResponse>(request, 12).topics.at(0).topic_id;
  request.topics = {{{.topic_id = id, .name = ""}, {.topic_id = id}}};
  const auto answer = client_->call<MetadataResponse>(request, 12);
  for (const auto& topic : answer.topics) EXPECT_EQ(topic.name, "t");
  EXPECT_EQ(client_->call<MetadataResponse>(request, 11).topics.at(0).error_code,
            static_cast<int16_t>(ErrorCode::kInvalidRequest));
  const Uuid unknown = Uuid::from_random(1, 2);
  request.topics = {{{.topic_id = unknown, .name = ""}}};
  const auto none = client_->call<MetadataResponse>(request, 12);
  EXPECT_EQ(none.topics.at(0).error_code, static_cast<int16_t>(ErrorCode::kUnknownTopicId));
  EXPECT_EQ(none.topics[0].topic_id, unknown);
  EXPECT_EQ(none.topics[0].name, std::nullopt);
}

TEST_F(BrokerTest, AClientOfTheFutureLearnsTheVersions) {
  ByteWriter frame;
  frame.write_int16(18);
  frame.write_int16(99);
  frame.write_int32(5);
  frame.write_int16(-1);
  const SharedSlice answer = client_->exchange({SharedSlice::of(frame.take())});
  const auto parsed = parse_response(answer, ApiKey::kApiVersions, 0);
  const auto body = decode<ApiVersionsResponse>(parsed.body, 0);
  EXPECT_EQ(body.error_code, static_cast<int16_t>(ErrorCode::kUnsupportedVersion));
  EXPECT_EQ(body.api_keys.at(0).api_key, 18);
}

/// librdkafka's list_topics(): the array of topics in four bytes instead of one.
TEST_F(BrokerTest, BytesBehindTheLastFieldAreIgnored) {
  MessageWriter writer;
  encode(RequestHeader{.request_api_key = 3, .request_api_version = 12}, writer, 2);
  ByteBuffer frame = writer.take_bytes();
  for (const uint8_t byte : {0, 0, 0, 0, 1, 0, 0}) frame.push_back(byte);
  const SharedSlice answer = client_->exchange({SharedSlice::of(std::move(frame))});
  ASSERT_GT(answer.size(), 0u) << "the connection was closed";
  const auto parsed = parse_response(answer, ApiKey::kMetadata, 12);
  EXPECT_EQ(decode<MetadataResponse>(parsed.body, 12).brokers.size(), 1u);
}

/// Every API at every version with an empty body of defaults, then with its bytes cut and changed:
/// the broker answers or closes that connection, and goes on serving others.
TEST_F(BrokerTest, SurvivesEveryApiWithOddBodies) {
  TestClient bystander(*node_, server_->endpoints().front().address);
  for (const ApiInfo& api : all_apis()) {
    const MessageSchema* schema =
        find_message(MessageKind::kRequest, static_cast<int16_t>(api.key));
    if (schema == nullptr) continue;
    for (int16_t version = api.lowest_version; version <= api.highest_version; ++version) {
      std::unique_ptr<void, void (*)(void*)> object(schema->make(), schema->destroy);
      MessageWriter writer;
      encode(RequestHeader{.request_api_key = static_cast<int16_t>(api.key),
                           .request_api_version = version},
             writer, api.request_header_version(version));
      const size_t header = writer.size();
      encode_from(*schema, object.get(), writer, version);
      const ByteBuffer whole = writer.take_bytes();
      for (int change = 0; change < 3; ++change) {
        ByteBuffer frame = whole;
        if (change == 1) frame.resize(header + (frame.size() - header) / 2);
        if (change == 2 && frame.size() > header) frame[header] ^= 0x7f;
        // A produce request without acks gets no answer.
        if (api.key == ApiKey::kProduce && change == 0) continue;
        TestClient one(*node_, server_->endpoints().front().address);
        one.exchange({SharedSlice::of(std::move(frame))});
      }
    }
  }
  EXPECT_GT(bystander.call<ApiVersionsResponse>(ApiVersionsRequest{}, 0).api_keys.size(), 10u);
}

}  // namespace
}  // namespace kafkascope

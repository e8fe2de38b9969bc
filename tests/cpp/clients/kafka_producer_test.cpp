// The producer against a scripted cluster, over real sockets.
#include "clients/producer/kafka_producer.h"

#include "clients/client_test.h"
#include "clients/producer/partitioner.h"
#include "clients/producer/producer_interceptor.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using KafkaProducerTest = ClientTest;

TEST_F(KafkaProducerTest, SendsRecordsAndTellsWhereTheyLie) {
  start_cluster().create_topic("flights", 1);
  auto producer = this->producer();
  const FutureRecordMetadata first = producer->send(record("flights", "one"));
  const FutureRecordMetadata second = producer->send(record("flights", "two"));
  ASSERT_TRUE(second.wait_until(in(10s)));
  EXPECT_EQ(first.get()->offset, 0);
  EXPECT_EQ(second.get()->offset, 1);
  EXPECT_EQ(second.get()->topic_partition, (TopicPartition{"flights", 0}));
  EXPECT_EQ(second.get()->serialized_key_size, -1);
  EXPECT_EQ(second.get()->serialized_value_size, 3);
  EXPECT_EQ(producer->close(10s), 0);
  EXPECT_EQ(cluster->values({"flights", 0}), (std::vector<std::string>{"one", "two"}));
}

TEST_F(KafkaProducerTest, CallbacksComeInTheOrderOfTheRecords) {
  start_cluster().create_topic("t", 1);
  auto producer = this->producer({{"linger.ms", "5"}});
  std::vector<Offset> offsets;
  for (int i = 0; i < 1000; ++i) {
    producer->send(record("t", std::to_string(i)),
                   [&offsets](const RecordMetadata& metadata, const Error* error) {
                     ASSERT_EQ(error, nullptr);
                     offsets.push_back(metadata.offset);
                   });
  }
  EXPECT_TRUE(producer->flush(in(10s)));
  producer->close(10s);
  ASSERT_EQ(offsets.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(offsets[i], i);
}

TEST_F(KafkaProducerTest, KeysDecideThePartition) {
  start_cluster().create_topic("t", 6);
  auto producer = this->producer();
  ProducerRecord keyed = record("t", "v");
  keyed.key = as_bytes("foobar");
  EXPECT_EQ(producer->send(keyed).get()->topic_partition.partition,
            partition_for_key(as_bytes("foobar"), 6));
  keyed.partition = 4;
  EXPECT_EQ(producer->send(keyed).get()->topic_partition.partition, 4);
  producer->close(10s);
}

TEST_F(KafkaProducerTest, EveryCodecArrives) {
  start_cluster().create_topic("t", 1);
  std::vector<std::string> expected;
  for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    auto producer = this->producer({{"compression.type", codec}, {"linger.ms", "5"}});
    for (int i = 0; i < 100; ++i) {
      expected.push_back(std::string(codec) + std::to_string(i));
      producer->send(record("t", expected.back()));
    }
    EXPECT_EQ(producer->close(10s), 0);
  }
  EXPECT_EQ(cluster->values({"t", 0}), expected);
}

TEST_F(KafkaProducerTest, RetriesWhatIsRetriable) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  cluster.produce_errors = {ErrorCode::kNotLeaderOrFollower, ErrorCode::kNotEnoughReplicas};
  auto producer = this->producer({{"retry.backoff.ms", "5"}});
  EXPECT_EQ(producer->send(record("t", "v")).get()->offset, 0);
  producer->close(10s);
  EXPECT_EQ(cluster.values({"t", 0}).size(), 1u);
}

TEST_F(KafkaProducerTest, TellsWhatIsNot) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  cluster.produce_errors = {ErrorCode::kTopicAuthorizationFailed};
  auto producer = this->producer();
  EXPECT_EQ(producer->send(record("t", "refused")).get().code(),
            ErrorCode::kTopicAuthorizationFailed);
  EXPECT_EQ(producer->send(record("t", "taken")).get()->offset, 0);
  producer->close(10s);
}

TEST_F(KafkaProducerTest, SplitsABatchThatIsTooLarge) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  cluster.max_message_bytes = 400;
  auto producer = this->producer({{"linger.ms", "20"}});
  std::vector<FutureRecordMetadata> futures;
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back("record number " + std::to_string(i));
    futures.push_back(producer->send(record("t", expected.back())));
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(futures[i].get()->offset, i);
  EXPECT_EQ(producer->send(record("t", std::string(500, 'x'))).get().code(),
            ErrorCode::kMessageTooLarge);
  EXPECT_EQ(producer->send(record("t", "after")).get()->offset, 50);
  expected.push_back("after");
  producer->close(10s);
  EXPECT_EQ(cluster.values({"t", 0}), expected);
}

TEST_F(KafkaProducerTest, RefusesARecordThatCanNeverBeSent) {
  start_cluster().create_topic("t", 1);
  auto producer = this->producer({{"max.request.size", "100"}});
  EXPECT_THROW(producer->send(record("t", std::string(200, 'x'))), KafkaException);
  ProducerRecord negative = record("t", "v");
  negative.partition = -3;
  EXPECT_THROW(producer->send(negative), KafkaException);
  EXPECT_THROW(producer->send(record("bad!", "v")), KafkaException);
  producer->close(10s);
  EXPECT_THROW(producer->send(record("t", "v")), KafkaException);
}

TEST_F(KafkaProducerTest, AcksZeroNeedsNoAnswer) {
  start_cluster().create_topic("t", 1);
  auto producer = this->producer({{"acks", "0"}});
  EXPECT_EQ(producer->send(record("t", "v")).get()->offset, kNoOffset);
  producer->close(10s);
}

TEST_F(KafkaProducerTest, SpeaksToABrokerOfKafka011) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  cluster.max_versions = {{protocol::ApiKey::kApiVersions, 1},
                          {protocol::ApiKey::kMetadata, 4},
                          {protocol::ApiKey::kProduce, 3},
                          {protocol::ApiKey::kInitProducerId, 0}};
  auto producer = this->producer();
  EXPECT_EQ(producer->send(record("t", "v")).get()->offset, 0);
  producer->close(10s);
  EXPECT_EQ(cluster.last_version(protocol::ApiKey::kProduce), 3);
}

TEST_F(KafkaProducerTest, NothingListensAtBootstrap) {
  auto producer = this->producer({{"bootstrap.servers", "127.0.0.1:1"}});
  try {
    producer->bootstrap(300ms);
    FAIL() << "bootstrap succeeded without a broker";
  } catch (const KafkaException& failure) {
    const std::string words = failure.what();
    EXPECT_NE(words.find("127.0.0.1:1"), std::string::npos) << words;
    EXPECT_NE(words.find("refused"), std::string::npos) << words;
    EXPECT_NE(words.find("kafkascope start"), std::string::npos) << words;
  }
  producer->close(0ms);
}

TEST_F(KafkaProducerTest, AdvertisedAddressIsDead) {
  FakeCluster::Options options;
  options.advertised[1] = {"127.0.0.1", 1};
  start_cluster(options).create_topic("t", 1);
  auto producer = this->producer();
  try {
    producer->bootstrap(500ms);
    FAIL() << "bootstrap reached a dead address";
  } catch (const KafkaException& failure) {
    const std::string words = failure.what();
    EXPECT_NE(words.find(cluster->endpoint(1).to_string() + " answered"), std::string::npos)
        << words;
    EXPECT_NE(words.find("broker 1 advertises 127.0.0.1:1"), std::string::npos) << words;
  }
  producer->close(0ms);
}

TEST_F(KafkaProducerTest, RecordsExpireWithTheReason) {
  FakeCluster::Options options;
  options.advertised[1] = {"127.0.0.1", 1};
  start_cluster(options).create_topic("t", 1);
  auto producer = this->producer({{"delivery.timeout.ms", "300"}, {"request.timeout.ms", "200"}});
  const Result<RecordMetadata> outcome = producer->send(record("t", "v")).get();
  EXPECT_EQ(outcome.code(), ErrorCode::kRequestTimedOut);
  EXPECT_NE(outcome.error().message.find("advertises"), std::string::npos)
      << outcome.error().message;
  producer->close(0ms);
}

TEST_F(KafkaProducerTest, CloseFailsWhatIsLeftAtItsTimeout) {
  FakeCluster::Options options;
  options.advertised[1] = {"127.0.0.1", 1};
  start_cluster(options).create_topic("t", 1);
  auto producer = this->producer();
  const FutureRecordMetadata future = producer->send(record("t", "v"));
  EXPECT_EQ(producer->close(50ms), 1);
  EXPECT_FALSE(future.get());
}

class CountingInterceptor : public ProducerInterceptor {
 public:
  void on_send(ProducerRecord& record) override { record.value = as_bytes("replaced"); }
  void on_acknowledgement(const RecordMetadata&, const Error* error) override {
    ++(error == nullptr ? good : bad);
  }
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
};

TEST_F(KafkaProducerTest, InterceptorsSeeEveryRecordAndAnswer) {
  start_cluster().create_topic("t", 1);
  ProducerConfig config = ProducerConfig::parse(this->config({{"max.request.size", "1000"}}));
  auto interceptor = std::make_shared<CountingInterceptor>();
  config.interceptors.push_back(interceptor);
  KafkaProducer producer(*client_node, config);
  EXPECT_TRUE(producer.send(record("t", "v")).get());
  ProducerRecord large = record("t", "v");
  const std::string key(2000, 'k');
  large.key = as_bytes(key);
  EXPECT_THROW(producer.send(large), KafkaException);
  producer.close(10s);
  EXPECT_EQ(cluster->values({"t", 0}), std::vector<std::string>{"replaced"});
  EXPECT_EQ(interceptor->good, 1);
  EXPECT_EQ(interceptor->bad, 1);
}

TEST_F(KafkaProducerTest, DescribesWhatWaits) {
  start_cluster().create_topic("t", 1);
  auto producer = this->producer({{"linger.ms", "10000"}});
  producer->send(record("t", "v"));
  const ProducerDescription description = producer->describe();
  ASSERT_EQ(description.accumulator.partitions.size(), 1u);
  ASSERT_EQ(description.accumulator.partitions[0].batches.size(), 1u);
  EXPECT_EQ(description.accumulator.partitions[0].batches[0].record_count, 1);
  EXPECT_EQ(description.accumulator.incomplete_batches, 1);
  EXPECT_EQ(description.buffer_pool.available_memory, 33554432 - 16384);
  EXPECT_EQ(producer->close(10s), 0);
  EXPECT_EQ(producer->describe().buffer_pool.available_memory, 33554432);
}

}  // namespace
}  // namespace kafkascope

// The consumer against a scripted cluster, over real sockets.
#include "clients/consumer/kafka_consumer.h"

#include <thread>

#include "clients/client_test.h"
#include "clients/consumer/consumer_interceptor.h"
#include "clients/wakeup_exception.h"
#include "record/memory_records_builder.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

class KafkaConsumerTest : public ClientTest {
 protected:
  /// A batch of values "first", "first + 1" ...
  static ByteBuffer batch(Offset first, int count, MemoryRecordsBuilder::Options options = {}) {
    options.base_offset = first;
    MemoryRecordsBuilder builder(options);
    for (int i = 0; i < count; ++i) {
      const std::string value = std::to_string(first + i);
      const HeaderView headers[] = {{"h", as_bytes(value)}};
      builder.append(1000 + first + i, std::nullopt, as_bytes(value), headers);
    }
    return builder.close();
  }
  static ByteBuffer marker(Offset offset, ProducerId producer, bool commit) {
    MemoryRecordsBuilder::Options options;
    options.base_offset = offset;
    options.producer_id = producer;
    options.producer_epoch = 0;
    options.transactional = options.control = true;
    MemoryRecordsBuilder builder(options);
    builder.append_end_txn_marker(1000, {commit, 0});
    return builder.close();
  }
  void fill(int partitions = 1, int batches = 20) {
    FakeCluster& cluster = start_cluster();
    cluster.create_topic("t", partitions);
    for (int partition = 0; partition < partitions; ++partition) {
      for (int i = 0; i < batches; ++i) cluster.append({"t", partition}, batch(i * 10, 10));
    }
  }
  static std::vector<std::string> numbers(int from, int to) {
    std::vector<std::string> all;
    for (int i = from; i < to; ++i) all.push_back(std::to_string(i));
    return all;
  }
  const TopicPartition tp{"t", 0};
};

TEST_F(KafkaConsumerTest, ReadsEverythingInOrder) {
  fill();
  auto consumer = this->consumer();
  consumer->assign({tp});
  EXPECT_EQ(read(*consumer, 200), numbers(0, 200));
  EXPECT_EQ(consumer->position(tp), 200);
  EXPECT_EQ(consumer->current_lag(tp), 0);
  EXPECT_EQ(consumer->highwater(tp), 200);
  EXPECT_TRUE(consumer->poll(in(20ms)).empty());
  consumer->close();
  EXPECT_THROW(consumer->poll(in(1ms)), KafkaException);
}

TEST_F(KafkaConsumerTest, APartitionAtItsEndHoldsNobodyUp) {
  fill(2, 1);
  for (int i = 1; i < 50; ++i) cluster->append({"t", 1}, batch(i * 10, 10));
  auto consumer = this->consumer({{"fetch.max.wait.ms", "25000"}, {"max.poll.records", "7"}});
  consumer->assign({tp, {"t", 1}});
  EXPECT_EQ(read(*consumer, 510).size(), 510u);
  consumer->close();
}

TEST_F(KafkaConsumerTest, MaxPollRecordsLimitsEachPoll) {
  fill();
  auto consumer = this->consumer({{"max.poll.records", "7"}});
  consumer->assign({tp});
  int next = 0;
  while (next < 200) {
    const ConsumerRecords records = consumer->poll(in(10s));
    ASSERT_LE(records.count(), 7u);
    for (const PartitionRecords& part : records.partitions) {
      for (const ConsumerRecord& record : part.records) {
        ASSERT_EQ(record.offset, next);
        ASSERT_EQ(record.timestamp, 1000 + next);
        ASSERT_EQ(record.parse_headers().size(), 1u);
        ++next;
      }
    }
    ASSERT_EQ(consumer->position(tp), next);
  }
  consumer->close();
}

TEST_F(KafkaConsumerTest, SubscribeWithoutGroupMeansAllPartitions) {
  fill(3, 5);
  auto consumer = this->consumer();
  consumer->subscribe({"t"});
  EXPECT_EQ(read(*consumer, 150).size(), 150u);
  EXPECT_EQ(consumer->assignment().size(), 3u);
  EXPECT_EQ(consumer->subscription(), std::set<std::string>{"t"});
  EXPECT_THROW(consumer->assign({tp}), KafkaException);
  consumer->close();
}

TEST_F(KafkaConsumerTest, SeeksAndResets) {
  fill();
  auto consumer = this->consumer({{"auto.offset.reset", "latest"}});
  consumer->assign({tp});
  EXPECT_EQ(consumer->position(tp), 200);
  consumer->seek(tp, 195);
  EXPECT_EQ(read(*consumer, 5), numbers(195, 200));
  consumer->seek_to_beginning({});
  EXPECT_EQ(consumer->position(tp), 0);
  EXPECT_EQ(read(*consumer, 3)[0], "0");
  consumer->seek_to_end({tp});
  EXPECT_EQ(consumer->position(tp), 200);
  EXPECT_THROW(consumer->seek(tp, -1), KafkaException);
  EXPECT_THROW(consumer->seek({"other", 0}, 1), KafkaException);
  consumer->close();
}

TEST_F(KafkaConsumerTest, OffsetOutOfRangeResets) {
  fill();
  auto consumer = this->consumer();
  consumer->assign({tp});
  consumer->seek(tp, 5000);
  EXPECT_EQ(read(*consumer, 1)[0], "0");
  consumer->close();
}

TEST_F(KafkaConsumerTest, OffsetOutOfRangeWithoutStrategyThrows) {
  fill();
  auto consumer = this->consumer({{"auto.offset.reset", "none"}});
  consumer->assign({tp});
  EXPECT_THROW(consumer->poll(in(5s)), KafkaException);
  consumer->seek(tp, 5000);
  try {
    (void)consumer->poll(in(5s));
    FAIL();
  } catch (const KafkaException& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::kOffsetOutOfRange) << failure.what();
  }
  consumer->close();
}

TEST_F(KafkaConsumerTest, FindsOffsets) {
  fill(2);
  auto consumer = this->consumer();
  const TopicPartition other{"t", 1};
  EXPECT_EQ(consumer->beginning_offsets({tp, other}),
            (KafkaConsumer::Offsets{{tp, 0}, {other, 0}}));
  EXPECT_EQ(consumer->end_offsets({tp}), (KafkaConsumer::Offsets{{tp, 200}}));
  const auto found = consumer->offsets_for_times({{tp, 1050}, {other, 999999}});
  EXPECT_EQ(found.at(tp)->offset, 50);
  EXPECT_EQ(found.at(tp)->timestamp, 1050);
  EXPECT_FALSE(found.at(other).has_value());
  EXPECT_EQ(consumer->partitions_for("t").size(), 2u);
  EXPECT_EQ(consumer->list_topics().size(), 1u);
  EXPECT_THROW((void)consumer->end_offsets({{"none", 7}}, in(200ms)), KafkaException);
  consumer->close();
}

TEST_F(KafkaConsumerTest, PausedPartitionsKeepTheirData) {
  fill(2, 1);
  const TopicPartition other{"t", 1};
  auto consumer = this->consumer();
  consumer->assign({tp, other});
  consumer->pause({tp});
  EXPECT_EQ(consumer->paused(), std::set<TopicPartition>{tp});
  EXPECT_EQ(read(*consumer, 10), numbers(0, 10));
  EXPECT_EQ(consumer->position(tp), 0);
  EXPECT_TRUE(consumer->poll(in(20ms)).empty());
  consumer->resume({tp});
  EXPECT_EQ(read(*consumer, 10), numbers(0, 10));
  consumer->close();
}

TEST_F(KafkaConsumerTest, EveryCodecIsRead) {
  start_cluster().create_topic("t", 1);
  Offset next = 0;
  for (const CompressionType codec : {CompressionType::kGzip, CompressionType::kSnappy,
                                      CompressionType::kLz4, CompressionType::kZstd}) {
    MemoryRecordsBuilder::Options options;
    options.compression = codec;
    cluster->append(tp, batch(next, 25, options));
    next += 25;
  }
  auto consumer = this->consumer({{"max.poll.records", "10"}});
  consumer->assign({tp});
  EXPECT_EQ(read(*consumer, 100), numbers(0, 100));
  consumer->close();
}

TEST_F(KafkaConsumerTest, ReadCommittedLeavesOutWhatWasAborted) {
  start_cluster().create_topic("t", 1);
  MemoryRecordsBuilder::Options transactional;
  transactional.transactional = true;
  transactional.producer_epoch = 0;
  transactional.base_sequence = 0;
  transactional.producer_id = 1;
  cluster->append(tp, batch(0, 10, transactional));  // aborted
  transactional.producer_id = 2;
  cluster->append(tp, batch(10, 10, transactional));  // committed
  cluster->append(tp, marker(20, 1, false));
  cluster->append(tp, marker(21, 2, true));
  transactional.producer_id = 1;
  cluster->append(tp, batch(22, 3, transactional));  // its next transaction
  cluster->append(tp, marker(25, 1, true));
  auto uncommitted = this->consumer();
  uncommitted->assign({tp});
  EXPECT_EQ(read(*uncommitted, 23).size(), 23u);
  uncommitted->close();

  {
    Lock lock(cluster->lock());
    cluster->aborted_transactions = {{1, 0}};
  }
  auto consumer = this->consumer({{"isolation.level", "read_committed"}});
  consumer->assign({tp});
  std::vector<std::string> expected = numbers(10, 20);
  for (const std::string& number : numbers(22, 25)) expected.push_back(number);
  EXPECT_EQ(read(*consumer, 13), expected);
  EXPECT_TRUE(consumer->poll(in(50ms)).empty());
  EXPECT_EQ(consumer->position(tp), 26);
  consumer->close();
}

TEST_F(KafkaConsumerTest, ACorruptBatchIsToldAfterWhatPrecedesIt) {
  start_cluster().create_topic("t", 1);
  cluster->append(tp, batch(0, 10));
  ByteBuffer broken = batch(10, 10);
  broken.back() ^= 1;
  cluster->append(tp, broken);
  cluster->append(tp, batch(20, 10));
  auto consumer = this->consumer();
  consumer->assign({tp});
  EXPECT_EQ(read(*consumer, 10), numbers(0, 10));
  for (int i = 0; i < 2; ++i) {
    try {
      (void)consumer->poll(in(5s));
      FAIL() << "a corrupt batch went unnoticed";
    } catch (const KafkaException& failure) {
      EXPECT_EQ(failure.code(), ErrorCode::kCorruptMessage);
      EXPECT_NE(std::string(failure.what()).find("t-0 is corrupt at offset 10"), std::string::npos)
          << failure.what();
    }
  }
  consumer->seek(tp, 20);
  EXPECT_EQ(read(*consumer, 10), numbers(20, 30));
  consumer->close();
}

TEST_F(KafkaConsumerTest, FollowsTheLeader) {
  FakeCluster::Options options;
  options.brokers = 2;
  start_cluster(options).create_topic("t", 1);
  cluster->append(tp, batch(0, 10));
  auto consumer = this->consumer({{"retry.backoff.ms", "5"}});
  consumer->assign({tp});
  EXPECT_EQ(read(*consumer, 10), numbers(0, 10));
  {
    Lock lock(cluster->lock());
    cluster->logs[tp].leader = 2;
    ++cluster->logs[tp].epoch;
    cluster->append(tp, batch(10, 10));
  }
  EXPECT_EQ(read(*consumer, 10), numbers(10, 20));
  consumer->close();
}

TEST_F(KafkaConsumerTest, SurvivesLostSessionsAndErrors) {
  fill();
  cluster->fetch_errors = {ErrorCode::kUnknownServerError, ErrorCode::kNotLeaderOrFollower,
                           ErrorCode::kNone, ErrorCode::kKafkaStorageError};
  auto consumer = this->consumer({{"retry.backoff.ms", "5"}, {"max.poll.records", "15"}});
  consumer->assign({tp});
  std::vector<std::string> all = read(*consumer, 30);
  cluster->forget_sessions();
  for (std::string& value : read(*consumer, 200 - all.size())) all.push_back(std::move(value));
  EXPECT_EQ(all, numbers(0, 200));
  consumer->close();
}

TEST_F(KafkaConsumerTest, ReadsThroughLostConnections) {
  fill(2, 20);
  {
    Lock lock(cluster->lock());
    cluster->lose_answer = cluster->lose_request = 0.1;
  }
  auto consumer = this->consumer({{"retry.backoff.ms", "2"},
                                  {"reconnect.backoff.ms", "2"},
                                  {"reconnect.backoff.max.ms", "5"},
                                  {"max.poll.records", "9"}});
  consumer->assign({tp, {"t", 1}});
  EXPECT_EQ(read(*consumer, 400).size(), 400u);
  {
    Lock lock(cluster->lock());
    cluster->lose_answer = cluster->lose_request = 0;
  }
  consumer->close();
}

TEST_F(KafkaConsumerTest, SpeaksToABrokerOfKafka011) {
  fill();
  cluster->max_versions = {{protocol::ApiKey::kApiVersions, 1},
                           {protocol::ApiKey::kMetadata, 4},
                           {protocol::ApiKey::kFetch, 5},
                           {protocol::ApiKey::kListOffsets, 2},
                           {protocol::ApiKey::kOffsetForLeaderEpoch, 0}};
  auto consumer = this->consumer();
  consumer->assign({tp});
  EXPECT_EQ(read(*consumer, 200), numbers(0, 200));
  EXPECT_EQ(cluster->last_version(protocol::ApiKey::kFetch), 5);
  consumer->close();
}

TEST_F(KafkaConsumerTest, WakeupEndsAPoll) {
  fill(1, 0);
  auto consumer = this->consumer();
  consumer->assign({tp});
  std::thread waker([&] {
    while (cluster->request_count(protocol::ApiKey::kFetch) == 0) std::this_thread::yield();
    consumer->wakeup();
  });
  EXPECT_THROW((void)consumer->poll(in(30s)), WakeupException);
  waker.join();
  consumer->close();
}

TEST_F(KafkaConsumerTest, OneThreadAtATime) {
  fill(1, 0);
  auto consumer = this->consumer();
  consumer->assign({tp});
  std::thread other([&] {
    while (cluster->request_count(protocol::ApiKey::kFetch) == 0) std::this_thread::yield();
    EXPECT_THROW((void)consumer->poll(in(1ms)), KafkaException);
    consumer->wakeup();
  });
  EXPECT_THROW((void)consumer->poll(in(30s)), WakeupException);
  other.join();
  consumer->close();
}

TEST_F(KafkaConsumerTest, NothingListens) {
  auto consumer = this->consumer();
  EXPECT_THROW(consumer->bootstrap(100ms), KafkaException);
  try {
    (void)consumer->end_offsets({tp}, in(200ms));
    FAIL();
  } catch (const KafkaException& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::kRequestTimedOut);
    EXPECT_NE(std::string(failure.what()).find("127.0.0.1:1"), std::string::npos) << failure.what();
  }
  consumer->close();
}

class DroppingInterceptor : public ConsumerInterceptor {
 public:
  void on_consume(ConsumerRecords& records) override {
    for (PartitionRecords& part : records.partitions) {
      std::erase_if(part.records,
                    [](const ConsumerRecord& record) { return record.offset % 2 == 1; });
    }
  }
};

TEST_F(KafkaConsumerTest, InterceptorsMayDropRecords) {
  fill();
  ConsumerConfig config = ConsumerConfig::parse(this->config({{"auto.offset.reset", "earliest"}}));
  config.interceptors.push_back(std::make_shared<DroppingInterceptor>());
  KafkaConsumer consumer(*client_node, config);
  consumer.assign({tp});
  EXPECT_EQ(read(consumer, 100)[99], "198");
  consumer.close();
}

TEST_F(KafkaConsumerTest, DescribesItself) {
  fill();
  auto consumer = this->consumer({{"max.poll.records", "5"}});
  consumer->assign({tp});
  EXPECT_EQ(read(*consumer, 5).size(), 5u);
  const ConsumerDescription description = consumer->describe();
  EXPECT_EQ(description.subscription, "USER_ASSIGNED");
  ASSERT_EQ(description.partitions.size(), 1u);
  EXPECT_EQ(description.partitions[0].position, 5);
  EXPECT_EQ(description.partitions[0].state, "FETCHING");
  ASSERT_FALSE(description.fetch_buffer.empty());
  EXPECT_EQ(description.fetch_buffer[0].next_offset, 5);
  ASSERT_EQ(description.sessions.size(), 1u);
  EXPECT_NE(description.sessions[0].session_id, 0);
  consumer->close();
}

}  // namespace
}  // namespace kafkascope

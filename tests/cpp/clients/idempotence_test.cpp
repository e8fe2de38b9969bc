// Idempotence: whatever is lost on the way, each record arrives once and in its order.
#include "clients/client_test.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

class IdempotenceTest : public ClientTest {
 protected:
  ConfigMap hasty(ConfigMap more = {}) {
    more.merge(ConfigMap{{"retry.backoff.ms", "1"},
                         {"retry.backoff.max.ms", "5"},
                         {"reconnect.backoff.ms", "1"},
                         {"reconnect.backoff.max.ms", "5"},
                         {"batch.size", "200"}});
    return more;
  }
  /// Sends numbers 0.. to the partitions in turn; returns the futures.
  std::vector<FutureRecordMetadata> send_numbers(KafkaProducer& producer, int count,
                                                 int partitions) {
    std::vector<FutureRecordMetadata> futures;
    for (int i = 0; i < count; ++i) {
      const std::string value = std::to_string(i);
      ProducerRecord numbered = record("t", value);
      numbered.partition = i % partitions;
      futures.push_back(producer.send(numbered));
    }
    return futures;
  }
  void expect_each_once_in_order(int count, int partitions) {
    for (int partition = 0; partition < partitions; ++partition) {
      std::vector<std::string> expected;
      for (int i = partition; i < count; i += partitions) expected.push_back(std::to_string(i));
      EXPECT_EQ(cluster->values({"t", partition}), expected) << "partition " << partition;
    }
  }
  void lose(double request, double answer) {
    Lock lock(cluster->lock());
    cluster->lose_request = request;
    cluster->lose_answer = answer;
  }
};

TEST_F(IdempotenceTest, LostConnectionsLoseAndRepeatNothing) {
  int repeated = 0;
  for (int round = 0; round < 10; ++round) {
    start_cluster().create_topic("t", 3);
    lose(0.1, 0.1);
    auto producer = this->producer(hasty());
    const std::vector<FutureRecordMetadata> futures = send_numbers(*producer, 3000, 3);
    ASSERT_TRUE(producer->flush(in(60s)));
    for (const FutureRecordMetadata& future : futures)
      ASSERT_TRUE(future.get()) << future.get().error().message;
    EXPECT_EQ(producer->close(10s), 0);
    expect_each_once_in_order(3000, 3);
    cluster->shutdown();
    repeated += cluster->duplicates_refused;
  }
  EXPECT_GT(repeated, 0) << "no answer was ever lost: the test does not test";
}

TEST_F(IdempotenceTest, OffsetsOfRepeatedBatchesAreTheFirstOnes) {
  start_cluster().create_topic("t", 1);
  auto producer = this->producer(hasty());
  lose(0, 0.2);
  const std::vector<FutureRecordMetadata> futures = send_numbers(*producer, 1000, 1);
  ASSERT_TRUE(producer->flush(in(60s)));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(futures[i].get()->offset, i);
  producer->close(10s);
}

TEST_F(IdempotenceTest, RetriableErrorsKeepTheOrder) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 2);
  cluster.produce_errors.assign(60, ErrorCode::kNotEnoughReplicas);
  auto producer = this->producer(hasty());
  const std::vector<FutureRecordMetadata> futures = send_numbers(*producer, 2000, 2);
  ASSERT_TRUE(producer->flush(in(60s)));
  producer->close(10s);
  expect_each_once_in_order(2000, 2);
}

TEST_F(IdempotenceTest, ABatchThatIsGivenUpDoesNotStopTheOthers) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  auto producer = this->producer(hasty());
  ASSERT_TRUE(producer->send(record("t", "first")).get());
  {
    Lock lock(cluster.lock());
    cluster.produce_errors = {ErrorCode::kInvalidRecord};
  }
  std::vector<FutureRecordMetadata> futures = send_numbers(*producer, 500, 1);
  ASSERT_TRUE(producer->flush(in(60s)));
  int failed = 0;
  std::vector<std::string> expected = {"first"};
  for (int i = 0; i < 500; ++i) {
    if (futures[i].get())
      expected.push_back(std::to_string(i));
    else
      ++failed;
  }
  producer->close(10s);
  EXPECT_GT(failed, 0);
  EXPECT_LT(failed, 100);
  EXPECT_EQ(cluster.values({"t", 0}), expected);
  EXPECT_GT(producer->describe().transaction_manager.producer_epoch, 0);
}

TEST_F(IdempotenceTest, ABrokerThatForgotTheProducerIsToldAnew) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  auto producer = this->producer(hasty());
  ASSERT_TRUE(producer->send(record("t", "0")).get());
  {
    Lock lock(cluster.lock());
    cluster.logs[{"t", 0}].producers.clear();  // retention took its last batch
  }
  for (int i = 1; i < 5; ++i) ASSERT_TRUE(producer->send(record("t", std::to_string(i))).get());
  producer->close(10s);
  EXPECT_EQ(cluster.values({"t", 0}), (std::vector<std::string>{"0", "1", "2", "3", "4"}));
}

TEST_F(IdempotenceTest, ExpiredBatchesLeaveNoGapBehind) {
  FakeCluster& cluster = start_cluster();
  cluster.create_topic("t", 1);
  auto producer =
      this->producer(hasty({{"delivery.timeout.ms", "150"}, {"request.timeout.ms", "100"}}));
  ASSERT_TRUE(producer->send(record("t", "first")).get());
  lose(1, 0);
  const Result<RecordMetadata> lost = producer->send(record("t", "lost")).get();
  EXPECT_EQ(lost.code(), ErrorCode::kRequestTimedOut);
  lose(0, 0);
  ASSERT_TRUE(producer->send(record("t", "second")).get());
  producer->close(10s);
  EXPECT_EQ(cluster.values({"t", 0}), (std::vector<std::string>{"first", "second"}));
}

TEST_F(IdempotenceTest, OneInFlightKeepsTheOrderWithoutIdempotence) {
  start_cluster().create_topic("t", 2);
  auto producer = this->producer(
      hasty({{"enable.idempotence", "false"}, {"max.in.flight.requests.per.connection", "1"}}));
  lose(0.1, 0);
  (void)send_numbers(*producer, 2000, 2);
  ASSERT_TRUE(producer->flush(in(60s)));
  producer->close(10s);
  expect_each_once_in_order(2000, 2);
}

TEST_F(IdempotenceTest, BatchesMoveToTheNewLeader) {
  FakeCluster::Options options;
  options.brokers = 2;
  FakeCluster& cluster = start_cluster(options);
  cluster.create_topic("t", 1);
  auto producer = this->producer(hasty());
  for (int i = 0; i < 100; ++i) {
    const std::string value = std::to_string(i);
    (void)producer->send(record("t", value));
    if (i % 10 != 5) continue;
    Lock lock(cluster.lock());
    FakeCluster::Log& log = cluster.logs[{"t", 0}];
    log.leader = 3 - log.leader;
    ++log.epoch;
  }
  ASSERT_TRUE(producer->flush(in(60s)));
  producer->close(10s);
  expect_each_once_in_order(100, 1);
}

}  // namespace
}  // namespace kafkascope

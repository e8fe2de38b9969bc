#include <gtest/gtest.h>

#include "clients/admin/admin_client_config.h"
#include "clients/consumer/consumer_config.h"
#include "clients/producer/producer_config.h"
#include "common/errors.h"
#include "record/compression_type.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

ProducerConfig producer(ConfigMap given) {
  given.try_emplace("bootstrap.servers", "localhost:9092");
  return ProducerConfig::parse(given);
}

std::string refusal(ConfigMap given) {
  try {
    (void)producer(std::move(given));
  } catch (const ConfigException& refused) {
    return refused.what();
  }
  return "";
}

TEST(ClientConfigTest, DefaultsAreKafkas) {
  const ProducerConfig config = producer({});
  EXPECT_EQ(config.acks, -1);
  EXPECT_TRUE(config.enable_idempotence);
  EXPECT_EQ(config.batch_size, 16384);
  EXPECT_EQ(config.buffer_memory, 33554432);
  EXPECT_EQ(config.delivery_timeout, 120s);
  EXPECT_EQ(config.compression_type, CompressionType::kNone);
  EXPECT_EQ(config.bootstrap_servers[0], (Endpoint{"localhost", 9092}));
  const ConsumerConfig consumer = ConsumerConfig::parse({{"bootstrap.servers", "a:1,[::1]:2"}});
  EXPECT_EQ(consumer.max_poll_records, 500);
  EXPECT_EQ(consumer.auto_offset_reset, OffsetResetStrategy::kLatest);
  EXPECT_EQ(consumer.bootstrap_servers[1], (Endpoint{"::1", 2}));
  EXPECT_EQ(AdminClientConfig::parse({{"bootstrap.servers", "a:1"}}).default_api_timeout, 60s);
}

TEST(ClientConfigTest, IdempotenceGivesWayUnlessItWasAskedFor) {
  EXPECT_FALSE(producer({{"acks", "1"}}).enable_idempotence);
  EXPECT_FALSE(producer({{"retries", "0"}}).enable_idempotence);
  EXPECT_FALSE(producer({{"max.in.flight.requests.per.connection", "6"}}).enable_idempotence);
  EXPECT_NE(refusal({{"acks", "1"}, {"enable.idempotence", "true"}}).find("acks=all"),
            std::string::npos);
}

TEST(ClientConfigTest, DeliveryTimeoutCoversOneAttempt) {
  EXPECT_EQ(producer({{"request.timeout.ms", "200000"}}).delivery_timeout, 200s);
  EXPECT_NE(refusal({{"delivery.timeout.ms", "1000"}}).find("linger.ms + request.timeout.ms"),
            std::string::npos);
}

TEST(ClientConfigTest, MistakesAreNamed) {
  EXPECT_NE(refusal({{"linger.mss", "5"}}).find("did you mean linger.ms"), std::string::npos)
      << refusal({{"linger.mss", "5"}});
  EXPECT_NE(refusal({{"bootstrap.servers", "localhost"}}).find("no port"), std::string::npos);
  EXPECT_NE(refusal({{"bootstrap.servers", "localhost:99999"}}).find("1..65535"),
            std::string::npos);
  EXPECT_NE(refusal({{"bootstrap.servers", ""}}).find("no address"), std::string::npos);
  EXPECT_NE(refusal({{"security.protocol", "SASL_SSL"}}).find("PLAINTEXT"), std::string::npos);
  EXPECT_NE(refusal({{"partitioner.class", "Mine"}}).find("RoundRobinPartitioner"),
            std::string::npos);
  EXPECT_NE(refusal({{"transactional.id", "x"}}).find("not supported"), std::string::npos);
}

TEST(ClientConfigTest, PartitionerIsNamedWithOrWithoutItsPackage) {
  EXPECT_EQ(
      producer({{"partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner"}})
          .partitioner_class,
      "RoundRobinPartitioner");
  EXPECT_EQ(producer({}).partitioner_class, "");
}

}  // namespace
}  // namespace kafkascope

// Our own clients on our own broker, over real sockets: what each call of the admin client,
// producer and consumer does to a log, and back.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "clients/admin/kafka_admin_client.h"
#include "clients/consumer/kafka_consumer.h"
#include "clients/producer/kafka_producer.h"
#include "replication/replica_manager.h"
#include "runtime/file_system.h"
#include "runtime/real/real_runtime.h"
#include "server/kafka_server.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

class ClientsOnBrokerTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/kafkascope-test-XXXXXX";
    directory_ = ::mkdtemp(name);
    start("0");
    port_ = std::to_string(server_->endpoints().front().address.port);
    admin_ = std::make_unique<KafkaAdminClient>(*client_, AdminClientConfig::parse(config()));
    admin_->bootstrap(5s);
  }
  void TearDown() override {
    admin_->close();
    server_->shutdown();
    remove_all(node_->files(), directory_);
  }
  void start(const std::string& port) {
    server_ = std::make_unique<KafkaServer>(
        *node_, KafkaConfig::parse({{"broker.id", "1"},
                                    {"listeners", "PLAINTEXT://127.0.0.1:" + port},
                                    {"log.dirs", directory_},
                                    {"num.io.threads", "2"},
                                    {"num.network.threads", "1"}}));
    server_->start();
  }
  ConfigMap config(ConfigMap more = {}) const {
    more.emplace("bootstrap.servers", "127.0.0.1:" + port_);
    return more;
  }
  void create(const std::string& topic, int32_t partitions = 1,
              std::map<std::string, std::string> configs = {}) {
    const auto created = admin_->create_topics({{topic, partitions, 1, {}, std::move(configs)}});
    ASSERT_TRUE(created.at(topic)) << created.at(topic).error().message;
  }
  /// Values "from" to "to", each with its number as timestamp; waits until all are acknowledged.
  void produce(const TopicPartition& tp, int from, int to, ConfigMap more = {}) {
    KafkaProducer producer(*client_, ProducerConfig::parse(config(std::move(more))));
    for (int i = from; i < to; ++i) {
      const std::string value = std::to_string(i);
      const ProducerHeader headers[] = {{"number", as_bytes(value)}};
      producer.send({tp.topic, tp.partition, 1000 + i, as_bytes("key"), as_bytes(value), headers},
                    [this](const RecordMetadata&, const Error* error) {
                      if (error != nullptr) failures_.push_back(error->message);
                    });
    }
    EXPECT_EQ(producer.close(30s), 0);
    EXPECT_TRUE(failures_.empty()) << failures_.size() << " failed: " << failures_.front();
  }
  std::vector<std::string> consume(KafkaConsumer& consumer, size_t count) {
    std::vector<std::string> values;
    const Instant deadline = client_->clock().monotonic() + 30s;
    while (values.size() < count && client_->clock().monotonic() < deadline) {
      for (const PartitionRecords& part : consumer.poll(deadline).partitions) {
        for (const ConsumerRecord& record : part.records) {
          values.push_back(to_string(*record.value));
          EXPECT_EQ(record.timestamp, 1000 + std::stoi(values.back()));
          EXPECT_EQ(to_string(*record.parse_headers().at(0).value), values.back());
        }
      }
    }
    return values;
  }
  std::unique_ptr<KafkaConsumer> consumer(ConfigMap more = {}) {
    more.emplace("auto.offset.reset", "earliest");
    return std::make_unique<KafkaConsumer>(*client_,
                                           ConsumerConfig::parse(config(std::move(more))));
  }
  static std::vector<std::string> numbers(int from, int to) {
    std::vector<std::string> all;
    for (int i = from; i < to; ++i) all.push_back(std::to_string(i));
    return all;
  }

  real::RealRuntime runtime_;
  std::unique_ptr<Node> node_ = runtime_.make_node("broker-1");
  std::unique_ptr<Node> client_ = runtime_.make_node("client");
  std::string directory_;
  std::string port_;
  std::unique_ptr<KafkaServer> server_;
  std::unique_ptr<KafkaAdminClient> admin_;
  std::vector<std::string> failures_;
  const TopicPartition tp_{"t", 0};
};

TEST_F(ClientsOnBrokerTest, EveryCodecThereAndBack) {
  create("t");
  int next = 0;
  for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    produce(tp_, next, next + 1000, {{"compression.type", codec}});
    next += 1000;
  }
  auto consumer = this->consumer();
  consumer->subscribe({"t"});
  EXPECT_EQ(consume(*consumer, 5000), numbers(0, 5000));
  EXPECT_EQ(consumer->current_lag(tp_), 0);
  consumer->close();
}

TEST_F(ClientsOnBrokerTest, OffsetsAreFoundByTime) {
  create("t");
  produce(tp_, 0, 100);
  auto consumer = this->consumer();
  EXPECT_EQ(consumer->offsets_for_times({{tp_, 1042}}).at(tp_)->offset, 42);
  EXPECT_FALSE(consumer->offsets_for_times({{tp_, 999999}}).at(tp_).has_value());
  EXPECT_EQ(consumer->end_offsets({tp_}).at(tp_), 100);
  consumer->assign({tp_});
  consumer->seek(tp_, 90);
  EXPECT_EQ(consume(*consumer, 10), numbers(90, 100));
  consumer->close();
}

TEST_F(ClientsOnBrokerTest, DeletedRecordsMoveTheStart) {
  create("t");
  produce(tp_, 0, 100);
  EXPECT_EQ(*admin_->delete_records({{tp_, 30}}).at(tp_), 30);
  EXPECT_EQ(admin_->list_offsets({{tp_, kEarliestTimestamp}}).at(tp_)->offset, 30);
  auto consumer = this->consumer();
  consumer->assign({tp_});
  consumer->seek(tp_, 5);  // out of range now: the reset takes it to the start
  EXPECT_EQ(consume(*consumer, 70), numbers(30, 100));
  consumer->close();
}

TEST_F(ClientsOnBrokerTest, ABatchAboveTheTopicsLimitIsSplit) {
  create("t", 1, {{"max.message.bytes", "1000"}});
  produce(tp_, 0, 500, {{"linger.ms", "50"}});
  auto consumer = this->consumer();
  consumer->assign({tp_});
  EXPECT_EQ(consume(*consumer, 500), numbers(0, 500));
  consumer->close();
}

TEST_F(ClientsOnBrokerTest, TopicsAndConfigsChange) {
  create("t", 2, {{"retention.ms", "3600000"}});
  EXPECT_EQ(admin_->create_topics({{"t", 1, 1, {}, {}}}).at("t").code(),
            ErrorCode::kTopicAlreadyExists);
  EXPECT_TRUE(admin_->create_partitions({{"t", {4, {}}}}).at("t"));
  EXPECT_EQ(admin_->describe_topics({"t"}).at("t")->partitions.size(), 4u);
  const ConfigResource topic{ConfigResourceType::kTopic, "t"};
  EXPECT_TRUE(admin_
                  ->incremental_alter_configs(
                      {{topic, {{"retention.ms", AlterConfigOpType::kSet, "7200000"}}}})
                  .at(topic));
  const auto configs = admin_->describe_configs({{topic, {"retention.ms"}}}, {});
  ASSERT_EQ(configs.at(topic)->size(), 1u);
  EXPECT_EQ(configs.at(topic)->at(0).value, "7200000");
  EXPECT_FALSE(configs.at(topic)->at(0).is_default);
  EXPECT_EQ(admin_->describe_cluster().brokers.size(), 1u);
  EXPECT_EQ(admin_->describe_log_dirs({1}).at(1)->at(0).replicas.size(), 4u);
  EXPECT_TRUE(admin_->delete_topics({"t"}).at("t"));
  EXPECT_TRUE(admin_->list_topics().empty());
}

TEST_F(ClientsOnBrokerTest, ABrokersThreadsAndLimitsChangeWhileItRuns) {
  const ConfigResource broker{ConfigResourceType::kBroker, "1"};
  const auto set = [&](const std::string& name, const std::string& value) {
    return admin_->incremental_alter_configs({{broker, {{name, AlterConfigOpType::kSet, value}}}})
        .at(broker);
  };
  create("t");
  for (const char* threads : {"4", "2", "1", "2"}) {
    EXPECT_TRUE(set("num.io.threads", threads)) << threads;
    produce({"t", 0}, 0, 10);
  }
  EXPECT_TRUE(set("num.network.threads", "2"));
  produce({"t", 0}, 0, 10);
  EXPECT_TRUE(set("num.network.threads", "1"));
  produce({"t", 0}, 0, 10);
  EXPECT_EQ(set("num.io.threads", "5").code(), ErrorCode::kInvalidConfig) << "more than double";
  EXPECT_EQ(set("max.connections.per.ip.overrides", "here").code(), ErrorCode::kInvalidConfig);
  EXPECT_EQ(set("log.dirs", "/elsewhere").code(), ErrorCode::kInvalidRequest) << "read-only";

  EXPECT_TRUE(set("log.retention.ms", "7200000"));
  EXPECT_TRUE(set("max.connections.per.ip", "0"));
  KafkaProducer late(*client_, ProducerConfig::parse(config({{"max.block.ms", "300"}})));
  EXPECT_THROW((void)late.send({.topic = "t", .value = as_bytes("x")}), KafkaException)
      << "no more connections";
  late.close(0s);
  EXPECT_TRUE(set("max.connections.per.ip", "100")) << "the open connection stays";
  produce({"t", 0}, 0, 10);

  server_->shutdown();
  start(port_);
  produce({"t", 0}, 0, 10);
  EXPECT_EQ(server_->replica_manager().log_manager().get_log({"t", 0})->config()->retention_ms,
            7'200'000)
      << "also after a restart";
}

TEST_F(ClientsOnBrokerTest, ClientsOutliveARestart) {
  create("t");
  KafkaProducer producer(*client_, ProducerConfig::parse(config()));
  auto consumer = this->consumer();
  consumer->assign({tp_});
  const auto send = [&](int i) {
    const std::string value = std::to_string(i);
    const ProducerHeader headers[] = {{"number", as_bytes(value)}};
    return producer.send({"t", 0, 1000 + i, {}, as_bytes(value), headers});
  };
  for (int i = 0; i < 50; ++i) (void)send(i);
  EXPECT_EQ(consume(*consumer, 50), numbers(0, 50));
  server_->shutdown();
  for (int i = 50; i < 99; ++i) (void)send(i);
  start(port_);
  const FutureRecordMetadata last = send(99);
  ASSERT_TRUE(last.wait_until(client_->clock().monotonic() + 30s));
  ASSERT_TRUE(last.get()) << last.get().error().message;
  EXPECT_EQ(last.get()->offset, 99);
  EXPECT_EQ(consume(*consumer, 50), numbers(50, 100));
  EXPECT_EQ(producer.close(10s), 0);
  consumer->close();
}

}  // namespace
}  // namespace kafkascope

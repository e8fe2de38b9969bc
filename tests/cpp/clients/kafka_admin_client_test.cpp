// The admin client against a scripted cluster, over real sockets.
#include "clients/admin/kafka_admin_client.h"

#include "clients/client_test.h"
#include "clients/wakeup_exception.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using protocol::ApiKey;

class KafkaAdminClientTest : public ClientTest {
 protected:
  using AdminPtr = std::unique_ptr<KafkaAdminClient>;
  AdminPtr admin(ConfigMap more = {}) {
    more.try_emplace("retry.backoff.ms", "5");
    return std::make_unique<KafkaAdminClient>(*client_node,
                                              AdminClientConfig::parse(config(std::move(more))));
  }
  template <typename Request, typename Response>
  void script(ApiKey api,
              std::function<Response(const Request&, const FakeCluster::Request&)> answer) {
    cluster->on(api, [answer](const FakeCluster::Request& request) {
      return protocol::encode_response(answer(request.decode<Request>(), request),
                                       request.version(), request.header.correlation_id);
    });
  }
};

TEST_F(KafkaAdminClientTest, CreatesAndListsTopics) {
  start_cluster();
  AdminPtr admin = this->admin();
  const auto created = admin->create_topics({{"a", 3, 1, {}, {}}, {"b", -1, -1, {}, {}}});
  EXPECT_EQ(created.at("a")->partitions, 3);
  EXPECT_TRUE(created.at("b"));
  const auto again = admin->create_topics({{"a", 3, 1, {}, {}}});
  EXPECT_EQ(again.at("a").code(), ErrorCode::kTopicAlreadyExists);
  EXPECT_EQ(again.at("a").error().message, "Topic 'a' already exists.");
  EXPECT_TRUE(admin->create_topics({{"c", 1, 1, {}, {}}}, true).at("c"));
  const std::vector<TopicInfo> topics = admin->list_topics();
  ASSERT_EQ(topics.size(), 2u);
  EXPECT_EQ(topics[0].name, "a");
  EXPECT_EQ(topics[0].partitions.size(), 3u);
  const auto described = admin->describe_topics({"a", "none"});
  EXPECT_EQ(described.at("a")->partitions[0].leader, 1);
  EXPECT_EQ(described.at("none").code(), ErrorCode::kUnknownTopicOrPartition);
  admin->close();
  EXPECT_THROW((void)admin->list_topics(), KafkaException);
}

TEST_F(KafkaAdminClientTest, AsksAgainWhenTheControllerMoved) {
  start_cluster();
  int asked = 0;
  cluster->on(ApiKey::kCreateTopics, [&asked](const FakeCluster::Request& request) {
    protocol::CreateTopicsResponse response;
    auto& topic = response.topics.emplace_back();
    topic.name = "a";
    topic.error_code = ++asked < 3 ? static_cast<int16_t>(ErrorCode::kNotController) : int16_t{0};
    return protocol::encode_response(response, request.version(), request.header.correlation_id);
  });
  AdminPtr admin = this->admin();
  EXPECT_TRUE(admin->create_topics({{"a", 1, 1, {}, {}}}).at("a"));
  admin->close();
  EXPECT_EQ(asked, 3);
}

TEST_F(KafkaAdminClientTest, DescribesTheCluster) {
  FakeCluster::Options options;
  options.brokers = 3;
  start_cluster(options);
  AdminPtr admin = this->admin();
  admin->bootstrap(5s);
  const ClusterDescription description = admin->describe_cluster();
  EXPECT_EQ(description.cluster_id, "fake");
  EXPECT_EQ(description.controller_id, 1);
  ASSERT_EQ(description.brokers.size(), 3u);
  EXPECT_EQ(description.brokers[2].endpoint, cluster->endpoint(3));
  admin->close();
}

TEST_F(KafkaAdminClientTest, DeletesTopicsWithOldAndNewBrokers) {
  for (const int16_t version : {int16_t{3}, int16_t{6}}) {
    start_cluster().max_versions[ApiKey::kDeleteTopics] = version;
    script<protocol::DeleteTopicsRequest, protocol::DeleteTopicsResponse>(
        ApiKey::kDeleteTopics, [](const auto& request, const FakeCluster::Request& raw) {
          protocol::DeleteTopicsResponse response;
          auto& topic = response.responses.emplace_back();
          topic.name = raw.version() < 6 ? request.topic_names.at(0) : request.topics.at(0).name;
          return response;
        });
    AdminPtr admin = this->admin();
    EXPECT_TRUE(admin->delete_topics({"old"}).at("old"));
    admin->close();
    cluster->shutdown();
  }
}

TEST_F(KafkaAdminClientTest, AddsPartitions) {
  start_cluster();
  script<protocol::CreatePartitionsRequest, protocol::CreatePartitionsResponse>(
      ApiKey::kCreatePartitions, [](const auto& request, const FakeCluster::Request&) {
        protocol::CreatePartitionsResponse response;
        auto& result = response.results.emplace_back();
        result.name = request.topics.at(0).name;
        const bool fewer = request.topics.at(0).count < 3;
        result.error_code =
            static_cast<int16_t>(fewer ? ErrorCode::kInvalidPartitions : ErrorCode::kNone);
        return response;
      });
  AdminPtr admin = this->admin();
  EXPECT_TRUE(admin->create_partitions({{"a", {4, {}}}}).at("a"));
  const auto refused = admin->create_partitions({{"a", {2, {}}}});
  EXPECT_EQ(refused.at("a").code(), ErrorCode::kInvalidPartitions);
  EXPECT_EQ(refused.at("a").error().message, "INVALID_PARTITIONS");
  admin->close();
}

TEST_F(KafkaAdminClientTest, AsksEachLeader) {
  FakeCluster::Options options;
  options.brokers = 2;
  start_cluster(options).create_topic("t", 2);
  script<protocol::DeleteRecordsRequest, protocol::DeleteRecordsResponse>(
      ApiKey::kDeleteRecords, [](const auto& request, const FakeCluster::Request& raw) {
        protocol::DeleteRecordsResponse response;
        auto& topic = response.topics.emplace_back();
        topic.name = "t";
        for (const auto& partition : request.topics.at(0).partitions) {
          const bool leads = raw.broker == partition.partition_index + 1;
          topic.partitions.push_back(
              {partition.partition_index, partition.offset,
               static_cast<int16_t>(leads ? ErrorCode::kNone : ErrorCode::kUnknownServerError)});
        }
        return response;
      });
  AdminPtr admin = this->admin();
  const auto deleted =
      admin->delete_records({{{"t", 0}, 5}, {{"t", 1}, 7}, {{"t", 9}, 1}, {{"none", 0}, 1}});
  EXPECT_EQ(*deleted.at({"t", 0}), 5);
  EXPECT_EQ(*deleted.at({"t", 1}), 7);
  EXPECT_EQ(deleted.at({"t", 9}).code(), ErrorCode::kUnknownTopicOrPartition);
  EXPECT_EQ(deleted.at({"none", 0}).code(), ErrorCode::kUnknownTopicOrPartition);
  const auto offsets =
      admin->list_offsets({{{"t", 0}, kLatestTimestamp}, {{"t", 1}, kEarliestTimestamp}});
  EXPECT_EQ(offsets.at({"t", 0})->offset, 0);
  EXPECT_EQ(offsets.at({"t", 1})->offset, 0);
  admin->close();
}

TEST_F(KafkaAdminClientTest, ReadsAndChangesConfigs) {
  FakeCluster::Options options;
  options.brokers = 2;
  start_cluster(options);
  script<protocol::DescribeConfigsRequest, protocol::DescribeConfigsResponse>(
      ApiKey::kDescribeConfigs, [](const auto& request, const FakeCluster::Request& raw) {
        protocol::DescribeConfigsResponse response;
        for (const auto& resource : request.resources) {
          auto& result = response.results.emplace_back();
          result.resource_type = resource.resource_type;
          result.resource_name = resource.resource_name;
          auto& config = result.configs.emplace_back();
          config.name = "answered.by";
          config.value = std::to_string(raw.broker);
          config.config_source = 5;
        }
        return response;
      });
  script<protocol::IncrementalAlterConfigsRequest, protocol::IncrementalAlterConfigsResponse>(
      ApiKey::kIncrementalAlterConfigs, [](const auto& request, const FakeCluster::Request&) {
        protocol::IncrementalAlterConfigsResponse response;
        for (const auto& resource : request.resources) {
          auto& result = response.responses.emplace_back();
          result.resource_type = resource.resource_type;
          result.resource_name = resource.resource_name;
          if (resource.configs.at(0).name != "good") result.error_code = 40;
        }
        return response;
      });
  AdminPtr admin = this->admin();
  const ConfigResource topic{ConfigResourceType::kTopic, "t"};
  const ConfigResource broker{ConfigResourceType::kBroker, "2"};
  const auto described = admin->describe_configs({{topic, {}}, {broker, {}}}, {});
  EXPECT_EQ(described.at(broker)->at(0).value, "2") << "a broker is asked itself";
  EXPECT_TRUE(described.at(topic)->at(0).is_default);
  const auto changed =
      admin->incremental_alter_configs({{topic, {{"good", AlterConfigOpType::kSet, "1"}}},
                                        {broker, {{"bad", AlterConfigOpType::kDelete, {}}}}});
  EXPECT_TRUE(changed.at(topic));
  EXPECT_EQ(changed.at(broker).code(), ErrorCode::kInvalidConfig);
  EXPECT_THROW((void)admin->describe_configs({{{ConfigResourceType::kBroker, "two"}, {}}}, {}),
               KafkaException);
  admin->close();
}

TEST_F(KafkaAdminClientTest, TimesOutWithTheReason) {
  AdminPtr admin = this->admin({{"bootstrap.servers", "127.0.0.1:1"}});
  EXPECT_THROW(admin->bootstrap(100ms), KafkaException);
  try {
    (void)admin->list_topics(false, in(200ms));
    FAIL();
  } catch (const KafkaException& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::kRequestTimedOut);
    EXPECT_NE(std::string(failure.what()).find("refused"), std::string::npos) << failure.what();
  }
  admin->wakeup();
  EXPECT_THROW((void)admin->list_topics(false, in(30s)), WakeupException);
  admin->close();
}

TEST_F(KafkaAdminClientTest, SaysWhenTheBrokerIsTooOld) {
  start_cluster().max_versions[ApiKey::kIncrementalAlterConfigs] = -1;
  AdminPtr admin = this->admin();
  try {
    (void)admin->incremental_alter_configs(
        {{{ConfigResourceType::kTopic, "t"}, {{"a", AlterConfigOpType::kSet, "1"}}}}, false,
        in(5s));
    FAIL();
  } catch (const KafkaException& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::kUnsupportedVersion);
    EXPECT_NE(std::string(failure.what()).find("INCREMENTAL_ALTER_CONFIGS"), std::string::npos);
  }
  admin->close();
}

}  // namespace
}  // namespace kafkascope

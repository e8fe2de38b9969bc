#include "clients/admin/kafka_admin_client.h"

#include "clients/admin/admin_client_parts.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace kafkascope {
namespace {

constexpr AdminNetwork::Target kController{AdminNetwork::Target::Kind::kController};
constexpr int16_t kFirstVersionWithBrokerDefaults =
    4;                                               // CreateTopics: -1 for both counts (KIP-464)
constexpr int16_t kFirstVersionWithTopicStates = 6;  // DeleteTopics: by name or id

// The request went to a broker that is not the controller any more.
template <typename Items>
bool moved(const Items& items) {
  for (const auto& item : items) {
    if (error_code_from_wire(item.error_code) == ErrorCode::kNotController) return true;
  }
  return false;
}

std::unique_ptr<RequestBody> create_request(const std::vector<NewTopic>& topics, bool validate_only,
                                            int32_t timeout) {
  protocol::CreateTopicsRequest request;
  int16_t lowest = validate_only ? 1 : 0;
  for (const NewTopic& topic : topics) {
    auto& entry = request.topics.emplace_back();
    entry.name = topic.name;
    entry.num_partitions = topic.assignments.empty() ? topic.partitions : -1;
    entry.replication_factor = topic.assignments.empty() ? topic.replication_factor : int16_t{-1};
    for (const auto& [partition, brokers] : topic.assignments)
      entry.assignments.push_back({partition, brokers});
    for (const auto& [name, value] : topic.configs) entry.configs.push_back({name, value});
    const bool defaults =
        entry.assignments.empty() && (entry.num_partitions < 0 || entry.replication_factor < 0);
    if (defaults) lowest = kFirstVersionWithBrokerDefaults;
  }
  request.timeout_ms = timeout;
  request.validate_only = validate_only;
  return make_request(std::move(request), {}, lowest);
}

}  // namespace

KafkaAdminClient::KafkaAdminClient(Node& node, AdminClientConfig config) {
  if (config.client_id.empty()) config.client_id = "adminclient-1";
  parts_ = std::make_unique<Parts>(node, std::move(config));
}

KafkaAdminClient::~KafkaAdminClient() = default;

void KafkaAdminClient::bootstrap(Duration timeout) {
  Lock lock(parts_->network.mutex());
  if (parts_->network.await_cluster(deadline_after(parts_->node.clock().monotonic(), timeout)))
    return;
  throw KafkaException(ErrorCode::kBrokerNotAvailable, connections().explain_or_waiting());
}

KafkaAdminClient::Results<std::string, CreatedTopic> KafkaAdminClient::create_topics(
    const std::vector<NewTopic>& topics, bool validate_only, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  const auto response = parts_->network.call<protocol::CreateTopicsResponse>(
      kController,
      [&] { return create_request(topics, validate_only, parts_->broker_timeout_ms()); }, until,
      [](const auto& answer) { return moved(answer.topics); });
  Results<std::string, CreatedTopic> results;
  for (const auto& topic : response.topics) {
    results.emplace(topic.name, item_result(topic.error_code, topic.error_message,
                                            CreatedTopic{topic.topic_id, topic.num_partitions,
                                                         topic.replication_factor}));
  }
  return results;
}

KafkaAdminClient::Results<std::string, Done> KafkaAdminClient::delete_topics(
    const std::vector<std::string>& topics, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const auto make = [&] {
    protocol::DeleteTopicsRequest request;
    request.timeout_ms = parts_->broker_timeout_ms();
    return make_request(std::move(request),
                        [&topics](protocol::DeleteTopicsRequest& message, int16_t version) {
                          if (version < kFirstVersionWithTopicStates)
                            message.topic_names = topics;
                          else
                            for (const std::string& topic : topics)
                              message.topics.emplace_back().name = topic;
                        });
  };
  const auto response = parts_->network.call<protocol::DeleteTopicsResponse>(
      kController, make, parts_->network.deadline(deadline),
      [](const auto& answer) { return moved(answer.responses); });
  Results<std::string, Done> results;
  for (const auto& topic : response.responses) {
    results.emplace(topic.name.value_or(""),
                    item_result(topic.error_code, topic.error_message, Done{}));
  }
  return results;
}

KafkaAdminClient::Results<std::string, Done> KafkaAdminClient::create_partitions(
    const std::map<std::string, NewPartitions>& partitions, bool validate_only, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const auto make = [&] {
    protocol::CreatePartitionsRequest request;
    for (const auto& [name, change] : partitions) {
      auto& topic = request.topics.emplace_back();
      topic.name = name;
      topic.count = change.total_count;
      if (change.assignments.empty()) topic.assignments.reset();
      for (const auto& brokers : change.assignments) topic.assignments->push_back({brokers});
    }
    request.timeout_ms = parts_->broker_timeout_ms();
    request.validate_only = validate_only;
    return make_request(std::move(request));
  };
  const auto response = parts_->network.call<protocol::CreatePartitionsResponse>(
      kController, make, parts_->network.deadline(deadline),
      [](const auto& answer) { return moved(answer.results); });
  Results<std::string, Done> results;
  for (const auto& topic : response.results) {
    results.emplace(topic.name, item_result(topic.error_code, topic.error_message, Done{}));
  }
  return results;
}

void KafkaAdminClient::wakeup() { parts_->network.wakeup(); }

void KafkaAdminClient::close() {
  Lock lock(parts_->network.mutex());
  parts_->network.close();
}

const ConnectionReport& KafkaAdminClient::connections() const { return parts_->network.report(); }
MetricsRegistry& KafkaAdminClient::metrics() { return parts_->metrics; }
const AdminClientConfig& KafkaAdminClient::config() const { return parts_->network.config(); }

}  // namespace kafkascope

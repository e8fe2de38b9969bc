// KafkaAdminClient: what the cluster is and holds.
#include <fmt/core.h>

#include "clients/admin/admin_client_parts.h"
#include "clients/list_offsets.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "protocol/messages/list_offsets_response.h"

namespace kafkascope {
namespace {

template <typename T>
std::vector<std::string> topics_of(const std::map<TopicPartition, T>& partitions) {
  std::vector<std::string> topics;
  for (const auto& [tp, unused] : partitions) {
    if (topics.empty() || topics.back() != tp.topic) topics.push_back(tp.topic);
  }
  return topics;
}

bool leader_moved(ErrorCode error) {
  return error == ErrorCode::kNotLeaderOrFollower || error == ErrorCode::kLeaderNotAvailable ||
         error == ErrorCode::kFencedLeaderEpoch || error == ErrorCode::kUnknownLeaderEpoch ||
         error == ErrorCode::kReplicaNotAvailable || error == ErrorCode::kOffsetNotAvailable ||
         error == ErrorCode::kRequestTimedOut || error == ErrorCode::kKafkaStorageError;
}

/// Asks each leader about its partitions, again with fresh metadata for those whose leader had
/// moved. `ask` sends to one leader and returns an outcome per partition.
template <typename Value, typename Query>
std::map<TopicPartition, Result<Value>> ask_leaders(
    AdminNetwork& network, const std::map<TopicPartition, Query>& queries, Instant deadline,
    const std::function<std::map<TopicPartition, Result<Value>>(
        BrokerId, const std::map<TopicPartition, Query>&)>& ask) {
  std::map<TopicPartition, Result<Value>> results;
  std::map<TopicPartition, Query> remaining = queries;
  for (int64_t attempt = 0; !remaining.empty(); ++attempt) {
    if (attempt > 0) network.back_off(attempt, deadline);
    const Cluster cluster = network.fetch_topics(topics_of(remaining), deadline);
    std::map<BrokerId, std::map<TopicPartition, Query>> by_leader;
    for (auto at = remaining.begin(); at != remaining.end();) {
      const auto topic = cluster.topics.find(at->first.topic);
      const ErrorCode error =
          topic == cluster.topics.end() ? ErrorCode::kUnknownTopicOrPartition : topic->second.error;
      const bool no_such = error == ErrorCode::kNone && cluster.partition(at->first) == nullptr;
      if (no_such || (error != ErrorCode::kNone && !leader_moved(error))) {
        const ErrorCode told = no_such ? ErrorCode::kUnknownTopicOrPartition : error;
        results.emplace(
            at->first, Error{told, fmt::format("{}: {}", at->first.to_string(), error_name(told))});
        at = remaining.erase(at);
        continue;
      }
      if (const BrokerNode* leader = cluster.leader_of(at->first); leader != nullptr) {
        by_leader[leader->id].emplace(*at);
      }
      ++at;
    }
    for (const auto& [leader, asked] : by_leader) {
      for (auto& [tp, result] : ask(leader, asked)) {
        if (!result && leader_moved(result.code())) continue;
        if (remaining.erase(tp) > 0) results.emplace(tp, std::move(result));
      }
    }
  }
  return results;
}

}  // namespace

KafkaAdminClient::Results<TopicPartition, Offset> KafkaAdminClient::delete_records(
    const std::map<TopicPartition, Offset>& before, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  return ask_leaders<Offset, Offset>(
      parts_->network, before, until, [&](BrokerId leader, const auto& asked) {
        const auto make = [&] {
          protocol::DeleteRecordsRequest request;
          for (const auto& [tp, offset] : asked) {
            if (request.topics.empty() || request.topics.back().name != tp.topic)
              request.topics.emplace_back().name = tp.topic;
            request.topics.back().partitions.push_back({tp.partition, offset});
          }
          request.timeout_ms = parts_->broker_timeout_ms();
          return make_request(std::move(request));
        };
        Results<TopicPartition, Offset> results;
        const auto response = parts_->network.call<protocol::DeleteRecordsResponse>(
            {AdminNetwork::Target::Kind::kBroker, leader}, make, until);
        for (const auto& topic : response.topics) {
          for (const auto& partition : topic.partitions) {
            results.emplace(
                TopicPartition{topic.name, partition.partition_index},
                item_result(partition.error_code, std::nullopt, Offset{partition.low_watermark}));
          }
        }
        return results;
      });
}

KafkaAdminClient::Results<TopicPartition, ListOffsetsResultInfo> KafkaAdminClient::list_offsets(
    const std::map<TopicPartition, TimestampMs>& timestamps, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  return ask_leaders<ListOffsetsResultInfo, TimestampMs>(
      parts_->network, timestamps, until, [&](BrokerId leader, const auto& asked) {
        std::map<TopicPartition, ListOffsetsQuery> queries;
        for (const auto& [tp, timestamp] : asked) queries[tp].timestamp = timestamp;
        const auto response = parts_->network.call<protocol::ListOffsetsResponse>(
            {AdminNetwork::Target::Kind::kBroker, leader},
            [&] { return list_offsets_request(queries, IsolationLevel::kReadUncommitted); }, until);
        Results<TopicPartition, ListOffsetsResultInfo> results;
        for (const auto& topic : response.topics) {
          for (const auto& partition : topic.partitions) {
            const ListOffsetsResultInfo info{partition.offset, partition.timestamp,
                                             partition.leader_epoch};
            results.emplace(TopicPartition{topic.name, partition.partition_index},
                            item_result(partition.error_code, std::nullopt, info));
          }
        }
        return results;
      });
}

std::vector<TopicInfo> KafkaAdminClient::list_topics(bool internal, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  Cluster cluster = parts_->network.fetch_topics(std::nullopt, parts_->network.deadline(deadline));
  std::vector<TopicInfo> topics;
  for (auto& [name, topic] : cluster.topics) {
    if (internal || !topic.is_internal) topics.push_back(std::move(topic));
  }
  return topics;
}

KafkaAdminClient::Results<std::string, TopicInfo> KafkaAdminClient::describe_topics(
    const std::vector<std::string>& topics, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  Results<std::string, TopicInfo> results;
  for (auto& [name, topic] :
       parts_->network.fetch_topics(topics, parts_->network.deadline(deadline)).topics) {
    if (topic.error == ErrorCode::kNone)
      results.emplace(name, topic);
    else
      results.emplace(
          name, Error{topic.error, fmt::format("topic {}: {}", name, error_name(topic.error))});
  }
  return results;
}

// From Metadata, which brokers of all versions answer.
ClusterDescription KafkaAdminClient::describe_cluster(Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Cluster cluster =
      parts_->network.fetch_topics(std::vector<std::string>{}, parts_->network.deadline(deadline));
  ClusterDescription description{cluster.cluster_id, cluster.controller_id, {}};
  for (const auto& [id, broker] : cluster.brokers) description.brokers.push_back(broker);
  return description;
}

KafkaAdminClient::Results<BrokerId, std::vector<LogDirDescription>>
KafkaAdminClient::describe_log_dirs(const std::vector<BrokerId>& brokers, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  Results<BrokerId, std::vector<LogDirDescription>> results;
  for (const BrokerId broker : brokers) {
    const auto make = [] {
      protocol::DescribeLogDirsRequest request;
      request.topics.reset();
      return make_request(std::move(request));
    };
    const auto response = parts_->network.call<protocol::DescribeLogDirsResponse>(
        {AdminNetwork::Target::Kind::kBroker, broker}, make, until);
    std::vector<LogDirDescription> dirs;
    for (const auto& dir : response.results) {
      LogDirDescription description{
          dir.log_dir, error_code_from_wire(dir.error_code), dir.total_bytes, dir.usable_bytes, {}};
      for (const auto& topic : dir.topics) {
        for (const auto& partition : topic.partitions) {
          description.replicas.push_back({{topic.name, partition.partition_index},
                                          partition.partition_size,
                                          partition.offset_lag,
                                          partition.is_future_key});
        }
      }
      dirs.push_back(std::move(description));
    }
    results.emplace(broker, item_result(response.error_code, std::nullopt, std::move(dirs)));
  }
  return results;
}

}  // namespace kafkascope

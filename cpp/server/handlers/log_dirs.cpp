// DescribeLogDirs and AlterReplicaLogDirs: what lies in each log directory, and moves between them.
#include <algorithm>
#include <set>

#include "common/logging.h"
#include "protocol/messages/alter_replica_log_dirs_request.h"
#include "protocol/messages/alter_replica_log_dirs_response.h"
#include "protocol/messages/describe_log_dirs_request.h"
#include "protocol/messages/describe_log_dirs_response.h"
#include "runtime/file_system.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

DescribeLogDirsResponse::DescribeLogDirsResult describe(ApiContext& context, const std::string& dir,
                                                        bool all,
                                                        const std::set<TopicPartition>& wanted) {
  DescribeLogDirsResponse::DescribeLogDirsResult out;
  out.log_dir = dir;
  if (!context.replicas.log_manager().is_log_dir_online(dir)) {
    out.error_code = to_wire(ErrorCode::kKafkaStorageError);
    return out;
  }
  out.usable_bytes = static_cast<int64_t>(context.node.files().free_bytes(dir));
  std::map<std::string, std::vector<DescribeLogDirsResponse::DescribeLogDirsPartition>> topics;
  for (const std::shared_ptr<Log>& log : context.replicas.log_manager().logs_in_dir(dir)) {
    const TopicPartition& partition = log->topic_partition();
    if (all || wanted.contains(partition)) {
      topics[partition.topic].push_back({partition.partition, log->size(), 0, false});
    }
  }
  for (const std::shared_ptr<Log>& log : context.replicas.log_manager().future_logs()) {
    const TopicPartition& partition = log->topic_partition();
    if (log->parent_dir() != dir || !(all || wanted.contains(partition))) continue;
    const auto current = context.replicas.log_manager().get_log(partition);
    const Offset lag =
        current ? std::max<Offset>(current->log_end_offset() - log->log_end_offset(), 0) : 0;
    topics[partition.topic].push_back({partition.partition, log->size(), lag, true});
  }
  for (auto& [name, partitions] : topics) out.topics.push_back({name, std::move(partitions)});
  return out;
}

}  // namespace

void handle_describe_log_dirs(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DescribeLogDirsRequest>(*request);
  std::set<TopicPartition> wanted;
  if (body.topics) {
    for (const auto& topic : *body.topics) {
      for (int32_t index : topic.partitions) wanted.insert({topic.topic, index});
    }
  }
  DescribeLogDirsResponse answer;
  for (const std::string& dir : context.replicas.log_manager().log_dirs()) {
    answer.results.push_back(describe(context, dir, !body.topics.has_value(), wanted));
  }
  respond(context, request, answer);
}

void handle_alter_replica_log_dirs(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<AlterReplicaLogDirsRequest>(*request);
  std::map<std::string, AlterReplicaLogDirsResponse::AlterReplicaLogDirTopicResult> topics;
  for (const auto& dir : body.dirs) {
    for (const auto& topic : dir.topics) {
      auto& out = topics[topic.name];
      out.topic_name = topic.name;
      for (const int32_t index : topic.partitions) {
        ErrorCode error = ErrorCode::kNone;
        try {
          context.replicas.alter_replica_log_dir({topic.name, index}, dir.path);
        } catch (const KafkaException& e) {
          KS_LOG(kWarn, context.node.name(), "moving {}-{} to {}: {}", topic.name, index, dir.path,
                 e.what());
          error = e.code();
        }
        out.partitions.push_back({index, to_wire(error)});
      }
    }
  }
  AlterReplicaLogDirsResponse answer;
  for (auto& [name, topic] : topics) answer.results.push_back(std::move(topic));
  respond(context, request, answer);
}

}  // namespace kafkascope

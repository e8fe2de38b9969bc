// DescribeLogDirs: what lies in each log directory, and how large it is.
#include <set>

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

}  // namespace kafkascope

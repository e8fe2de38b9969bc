// ReplicaManager's changes of records: appends, and the deletion of old ones.
#include <fmt/core.h>

#include <algorithm>

#include "replication/delayed_delete_records.h"
#include "replication/delayed_produce.h"
#include "replication/replica_manager.h"

namespace kafkascope {

void ReplicaManager::append_records(Duration timeout, int16_t required_acks, AppendOrigin origin,
                                    const std::map<TopicPartition, SharedSlice>& entries,
                                    ProduceCallback callback) {
  ProduceResults results;
  bool must_wait = false;
  for (const auto& [partition, records] : entries) {
    LogAppendInfo info = append_to_local_log(partition, records, origin, required_acks);
    must_wait |= required_acks == -1 && info.ok();
    results[partition] = std::move(info);
  }
  if (!must_wait) return callback(std::move(results));
  std::vector<TopicPartition> keys;
  for (const auto& [partition, info] : results) keys.push_back(partition);
  produce_purgatory_.try_complete_else_watch(
      std::make_shared<DelayedProduce>(timeout, *this, std::move(results), std::move(callback)),
      keys);
}

LogAppendInfo ReplicaManager::append_to_local_log(const TopicPartition& topic_partition,
                                                  const SharedSlice& records, AppendOrigin origin,
                                                  int16_t required_acks) {
  LogAppendInfo info;
  if (origin == AppendOrigin::kClient && is_internal_topic(topic_partition.topic)) {
    info.error = ErrorCode::kInvalidTopicException;
    info.error_message = fmt::format("Cannot append to internal topic {}", topic_partition.topic);
    return info;
  }
  const auto partition = get_partition_or_error(topic_partition);
  if (!partition.ok()) {
    info.error = partition.error().code;
    info.error_message = partition.error().message;
    return info;
  }
  try {
    return (*partition)->append_records_to_leader(records, origin, required_acks);
  } catch (const KafkaException& e) {
    info.error = e.code();
    info.error_message = e.what();
    return info;
  }
}

void ReplicaManager::delete_records(Duration timeout,
                                    const std::map<TopicPartition, Offset>& before,
                                    DeleteRecordsCallback callback) {
  DeleteRecordsResults results;
  std::vector<TopicPartition> keys;
  for (const auto& [name, offset] : before) {
    keys.push_back(name);
    DeleteRecordsResult& result = results[name];
    const auto partition = get_partition_or_error(name);
    try {
      const auto deleted = partition.ok() ? (*partition)->delete_records_on_leader(offset)
                                          : Result<DeleteRecordsResult>(partition.error());
      result = deleted.ok() ? *deleted : DeleteRecordsResult{.error = deleted.code()};
    } catch (const KafkaException& e) {
      result.error = e.code();
    }
  }
  const bool must_wait = std::any_of(results.begin(), results.end(), [](const auto& entry) {
    return entry.second.error == ErrorCode::kNone &&
           entry.second.low_watermark < entry.second.requested;
  });
  if (!must_wait) return callback(std::move(results));
  delete_records_purgatory_.try_complete_else_watch(
      std::make_shared<DelayedDeleteRecords>(timeout, *this, std::move(results),
                                             std::move(callback)),
      keys);
}

}  // namespace kafkascope

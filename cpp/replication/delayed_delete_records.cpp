#include "replication/delayed_delete_records.h"

#include <algorithm>

#include "replication/replica_manager.h"

namespace kafkascope {

DelayedDeleteRecords::DelayedDeleteRecords(Duration timeout, ReplicaManager& replicas,
                                           DeleteRecordsResults results,
                                           DeleteRecordsCallback callback)
    : DelayedOperation(timeout),
      replicas_(replicas),
      results_(std::move(results)),
      callback_(std::move(callback)) {
  for (const auto& [partition, result] : results_)
    pending_[partition] = result.error == ErrorCode::kNone;
}

bool DelayedDeleteRecords::is_done(const TopicPartition& partition, DeleteRecordsResult& result) {
  const auto found = replicas_.get_partition_or_error(partition);
  const Result<Offset> low =
      found.ok() ? (*found)->low_watermark_if_leader() : Result<Offset>(found.error());
  if (low.ok()) {
    result.low_watermark = *low;
    return *low >= result.requested;
  }
  result.error = low.code();
  return true;
}

bool DelayedDeleteRecords::try_complete() {
  for (auto& [partition, waits] : pending_) {
    if (waits && is_done(partition, results_[partition])) waits = false;
  }
  const bool done = std::none_of(pending_.begin(), pending_.end(),
                                 [](const auto& entry) { return entry.second; });
  return done && force_complete();
}

void DelayedDeleteRecords::on_complete() {
  for (const auto& [partition, waits] : pending_) {
    if (waits) results_[partition].error = ErrorCode::kRequestTimedOut;
  }
  callback_(std::move(results_));
}

}  // namespace kafkascope

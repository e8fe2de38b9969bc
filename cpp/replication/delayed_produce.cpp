#include "replication/delayed_produce.h"

#include "replication/replica_manager.h"

namespace kafkascope {

DelayedProduce::DelayedProduce(Duration timeout, ReplicaManager& replicas, ProduceResults results,
                               ProduceCallback callback)
    : DelayedOperation(timeout),
      replicas_(replicas),
      results_(std::move(results)),
      callback_(std::move(callback)) {
  for (const auto& [partition, info] : results_) {
    if (info.ok()) pending_[partition] = true;
  }
}

bool DelayedProduce::try_complete() {
  for (auto& [partition, waits] : pending_) {
    if (!waits) continue;
    LogAppendInfo& info = results_[partition];
    const auto found = replicas_.get_partition_or_error(partition);
    const Result<bool> reached =
        found.ok() ? (*found)->check_enough_replicas_reach_offset(info.last_offset + 1)
                   : Result<bool>(found.error());
    if (reached.ok() && !*reached) continue;
    waits = false;
    if (!reached.ok()) {
      info.error = reached.error().code;
      info.error_message = reached.error().message;
    }
  }
  for (const auto& [partition, waits] : pending_) {
    if (waits) return false;
  }
  return force_complete();
}

void DelayedProduce::on_complete() {
  for (const auto& [partition, waits] : pending_) {
    if (waits) results_[partition].error = ErrorCode::kRequestTimedOut;
  }
  callback_(std::move(results_));
}

}  // namespace kafkascope

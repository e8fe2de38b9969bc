#include "replication/partition.h"

#include <fmt/core.h>

namespace kafkascope {

Partition::Partition(Node& node, TopicPartition topic_partition, BrokerId local_broker,
                     std::shared_ptr<Log> log, PartitionListener& listener)
    : node_(node),
      topic_partition_(std::move(topic_partition)),
      local_broker_(local_broker),
      listener_(listener),
      mutex_(node, "partition"),
      log_(std::move(log)) {}

std::shared_ptr<Log> Partition::log() const {
  ReadLock lock(mutex_);
  return log_;
}

void Partition::replace_log(const std::function<std::shared_ptr<Log>(Log& current)>& next) {
  WriteLock lock(mutex_);
  if (auto log = next(*log_)) log_ = std::move(log);
}

void Partition::make_leader(const PartitionState& state) {
  {
    WriteLock lock(mutex_);
    if (state_.leader >= 0 && state.leader_epoch < state_.leader_epoch) return;
    state_ = state;
    if (state.leader == local_broker_) {
      log_->maybe_assign_epoch_start_offset(state.leader_epoch, log_->log_end_offset());
    }
  }
  KS_TRACE(node_, "LeaderChanged", {"partition", topic_partition_.to_string()},
           {"leader", int64_t{state.leader}}, {"epoch", int64_t{state.leader_epoch}});
  if (maybe_increment_leader_high_watermark())
    listener_.on_high_watermark_changed(topic_partition_);
}

bool Partition::is_leader() const {
  ReadLock lock(mutex_);
  return state_.leader == local_broker_;
}

LeaderEpoch Partition::leader_epoch() const {
  ReadLock lock(mutex_);
  return state_.leader_epoch;
}

ErrorCode Partition::check_leader(LeaderEpoch client_epoch) const {
  ReadLock lock(mutex_);
  if (state_.leader != local_broker_) return ErrorCode::kNotLeaderOrFollower;
  if (client_epoch == kNoLeaderEpoch || client_epoch == state_.leader_epoch)
    return ErrorCode::kNone;
  return client_epoch < state_.leader_epoch ? ErrorCode::kFencedLeaderEpoch
                                            : ErrorCode::kUnknownLeaderEpoch;
}

LogAppendInfo Partition::append_records_to_leader(const SharedSlice& records, AppendOrigin origin,
                                                  int16_t required_acks) {
  LogAppendInfo info;
  {
    ReadLock lock(mutex_);
    if (state_.leader != local_broker_) {
      info.error = ErrorCode::kNotLeaderOrFollower;
      return info;
    }
    const int32_t min_isr = log_->config()->min_in_sync_replicas;
    if (required_acks == -1 && static_cast<int32_t>(state_.isr.size()) < min_isr) {
      info.error = ErrorCode::kNotEnoughReplicas;
      info.error_message =
          fmt::format("{} in sync, min.insync.replicas={}", state_.isr.size(), min_isr);
      return info;
    }
    info = log_->append_as_leader(records, state_.leader_epoch, origin);
  }
  if (info.ok()) {
    maybe_increment_leader_high_watermark();
    // Also without a new high watermark: a fetch of a follower waits for the log's end.
    listener_.on_high_watermark_changed(topic_partition_);
  }
  return info;
}

/// The high watermark is what all in-sync replicas have. Alone, that is the end of the log.
bool Partition::maybe_increment_leader_high_watermark() {
  {
    ReadLock lock(mutex_);
    if (state_.leader != local_broker_ || state_.isr.size() > 1) return false;
  }
  const auto log = this->log();
  return log->maybe_increment_high_watermark(log->log_end_offset_metadata()).has_value();
}

Result<FetchDataInfo> Partition::fetch_records(Offset offset, int32_t max_bytes,
                                               FetchIsolation isolation, bool min_one) {
  return log()->read(offset, max_bytes, isolation, min_one);
}

Result<bool> Partition::check_enough_replicas_reach_offset(Offset required) const {
  ReadLock lock(mutex_);
  if (state_.leader != local_broker_) return {ErrorCode::kNotLeaderOrFollower, "the leader moved"};
  if (log_->high_watermark() < required) return false;
  if (static_cast<int32_t>(state_.isr.size()) < log_->config()->min_in_sync_replicas) {
    return {ErrorCode::kNotEnoughReplicasAfterAppend,
            "written, but fewer in sync than min.insync.replicas"};
  }
  return true;
}

Result<Offset> Partition::delete_records(Offset before) { return log()->delete_records(before); }

PartitionDescription Partition::describe() const {
  ReadLock lock(mutex_);
  return {topic_partition_,
          state_,
          state_.leader == local_broker_,
          log_->log_start_offset(),
          log_->high_watermark(),
          log_->log_end_offset()};
}

}  // namespace kafkascope

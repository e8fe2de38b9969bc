#include "replication/partition.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "record/memory_records.h"

namespace kafkascope {
namespace {

/// The partition epoch may be equal: an answer to an ISR change may have told it before.
bool is_older(const PartitionState& state, const PartitionState& known) {
  return state.partition_epoch < known.partition_epoch || state.leader_epoch < known.leader_epoch;
}

/// Does the first batch begin before the offset and reach beyond it? Then where it begins.
std::optional<Offset> start_of_batch_around(const SharedSlice& records, Offset offset) {
  for (const RecordBatch& batch : MemoryRecords(records)) {
    if (batch.base_offset() < offset && batch.last_offset() >= offset) return batch.base_offset();
    break;
  }
  return std::nullopt;
}

}  // namespace

Partition::Partition(PartitionContext& context, TopicPartition topic_partition,
                     std::shared_ptr<Log> log)
    : context_(context),
      node_(context.node),
      local_broker_(context.config.broker_id),
      topic_partition_(std::move(topic_partition)),
      mutex_(node_, "partition"),
      log_(std::move(log)),
      replicas_mutex_(node_, "replicas") {
  // Below any that a controller gives.
  state_.leader_epoch = kNoLeaderEpoch;
  state_.partition_epoch = -1;
}

std::shared_ptr<Log> Partition::log() const {
  ReadLock lock(mutex_);
  return log_;
}

void Partition::replace_log(const std::function<std::shared_ptr<Log>(Log& current)>& next) {
  WriteLock lock(mutex_);
  if (auto log = next(*log_)) log_ = std::move(log);
}

bool Partition::make_leader(const PartitionState& state) {
  bool is_new_leader = false;
  bool raised = false;
  {
    WriteLock lock(mutex_);
    if (is_older(state, state_)) return false;
    is_new_leader = !leads();
    const bool is_new_epoch = state.leader_epoch > state_.leader_epoch;
    if (is_new_epoch) {
      const Offset start = log_->log_end_offset();
      // Also while nothing is written in it: a follower with records of an epoch that this leader
      // never saw must learn where they part.
      log_->maybe_assign_epoch_start_offset(state.leader_epoch, start);
      leader_epoch_start_offset_ = start;
    }
    set_followers(state, is_new_leader, is_new_epoch);
    state_ = state;
    pending_.reset();
    raised = maybe_increment_leader_high_watermark();
  }
  KS_TRACE(node_, "BecameLeader", {"partition", topic_partition_.to_string()},
           {"leader", int64_t{state.leader}}, {"epoch", int64_t{state.leader_epoch}},
           {"isr", join_ids(state.isr)});
  if (raised) context_.listener.on_high_watermark_changed(topic_partition_);
  return is_new_leader;
}

/// Followers that stay keep what is known of them, unless the leader starts an epoch. One that a
/// reassignment has taken from the replicas counts as long as it is in the ISR: a controller that
/// fails over in between may still elect it.
void Partition::set_followers(const PartitionState& state, bool is_new_leader, bool is_new_epoch) {
  const Instant now = node_.clock().monotonic();
  std::set<BrokerId> ids(state.replicas.begin(), state.replicas.end());
  ids.insert(state.isr.begin(), state.isr.end());
  ids.erase(local_broker_);
  Lock lock(replicas_mutex_);
  std::erase_if(followers_, [&](const auto& entry) { return !ids.contains(entry.first); });
  for (BrokerId id : ids) {
    Replica& follower = followers_[id];
    if (is_new_epoch)
      follower.reset(now, log_->log_end_offset(), is_new_leader, has_id(state.isr, id));
  }
}

bool Partition::make_follower(const PartitionState& state) {
  {
    WriteLock lock(mutex_);
    if (is_older(state, state_)) return false;
    const bool is_new_epoch = state.leader_epoch > state_.leader_epoch;
    const bool followed = state_.leader >= 0 && !leads();
    state_ = state;
    state_.isr.clear();
    pending_.reset();
    leader_epoch_start_offset_.reset();
    {
      Lock replicas(replicas_mutex_);
      followers_.clear();
    }
    if (!is_new_epoch || (context_.defects.follower_keeps_old_leader && followed)) return false;
  }
  KS_TRACE(node_, "BecameFollower", {"partition", topic_partition_.to_string()},
           {"leader", int64_t{state.leader}}, {"epoch", int64_t{state.leader_epoch}});
  return true;
}

void Partition::mark_deleted() {
  WriteLock lock(mutex_);
  state_.leader = kNoLeader;
  state_.isr.clear();
  pending_.reset();
  leader_epoch_start_offset_.reset();
  Lock replicas(replicas_mutex_);
  followers_.clear();
}

bool Partition::leads() const { return state_.leader == local_broker_; }

bool Partition::is_leader() const {
  ReadLock lock(mutex_);
  return leads();
}

LeaderEpoch Partition::leader_epoch() const {
  ReadLock lock(mutex_);
  return state_.leader_epoch;
}

PartitionState Partition::state() const {
  ReadLock lock(mutex_);
  return state_;
}

ErrorCode Partition::check_leader(LeaderEpoch client_epoch) const {
  ReadLock lock(mutex_);
  return check(client_epoch, true);
}

ErrorCode Partition::check(LeaderEpoch client_epoch, bool fetch_only_leader) const {
  if (client_epoch != kNoLeaderEpoch && client_epoch < state_.leader_epoch)
    return ErrorCode::kFencedLeaderEpoch;
  if (client_epoch > state_.leader_epoch) return ErrorCode::kUnknownLeaderEpoch;
  return fetch_only_leader && !leads() ? ErrorCode::kNotLeaderOrFollower : ErrorCode::kNone;
}

LogAppendInfo Partition::append_records_to_leader(const SharedSlice& records, AppendOrigin origin,
                                                  int16_t required_acks) {
  LogAppendInfo info;
  {
    ReadLock lock(mutex_);
    if (!leads()) {
      info.error = ErrorCode::kNotLeaderOrFollower;
      return info;
    }
    const size_t min_isr = effective_min_isr();
    if (required_acks == -1 && state_.isr.size() < min_isr) {
      info.error = ErrorCode::kNotEnoughReplicas;
      info.error_message =
          fmt::format("{} in sync, min.insync.replicas={}", state_.isr.size(), min_isr);
      return info;
    }
    info = log_->append_as_leader(records, state_.leader_epoch, origin);
    if (info.ok()) maybe_increment_leader_high_watermark();
  }
  // Also without a new high watermark: a fetch of a follower waits for the log's end.
  if (info.ok()) context_.listener.on_high_watermark_changed(topic_partition_);
  return info;
}

Result<bool> Partition::check_enough_replicas_reach_offset(Offset required) const {
  ReadLock lock(mutex_);
  if (!leads()) return {ErrorCode::kNotLeaderOrFollower, "the leader moved"};
  const Offset reached =
      context_.defects.ack_at_log_end ? log_->log_end_offset() : log_->high_watermark();
  if (reached < required) return false;
  // The maximal ISR: a replica that leaves was waited for, one that joins too.
  const size_t in_sync = maximal_isr(state_.isr, pending_).size();
  const size_t min_in_sync = effective_min_isr();
  if (in_sync < min_in_sync && !context_.defects.no_min_isr_check_after_append) {
    return {ErrorCode::kNotEnoughReplicasAfterAppend,
            "written, but fewer in sync than min.insync.replicas"};
  }
  if (context_.alter_partition != nullptr) {
    KS_TRACE(node_, "RecordsAcknowledged", {"partition", topic_partition_.to_string()},
             {"last_offset", required - 1}, {"in_sync", static_cast<int64_t>(in_sync)},
             {"min_in_sync", static_cast<int64_t>(min_in_sync)});
  }
  return true;
}

Result<DeleteRecordsResult> Partition::delete_records_on_leader(Offset before) {
  ReadLock lock(mutex_);
  if (!leads()) return {ErrorCode::kNotLeaderOrFollower, {}};
  if (!log_->config()->delete_old) {
    return {ErrorCode::kPolicyViolation,
            fmt::format("records of {} cannot be deleted: cleanup.policy has no \"delete\"",
                        topic_partition_.to_string())};
  }
  const Result<Offset> start = log_->delete_records(before);
  if (!start.ok()) return start.error();
  return DeleteRecordsResult{ErrorCode::kNone, before == -1 ? *start : before, low_watermark()};
}

Offset Partition::low_watermark() const {
  const auto metadata = context_.metadata.current();
  Offset low = log_->log_start_offset();
  Lock lock(replicas_mutex_);
  for (const auto& [id, follower] : followers_) {
    if (metadata->brokers.contains(id)) low = std::min(low, follower.log_start_offset);
  }
  return low;
}

Result<Offset> Partition::low_watermark_if_leader() const {
  ReadLock lock(mutex_);
  if (!leads()) return {ErrorCode::kNotLeaderOrFollower, {}};
  return low_watermark();
}

LogAppendInfo Partition::append_records_to_follower(const SharedSlice& records) {
  const std::shared_ptr<Log> log = this->log();
  const Offset end = log->log_end_offset();
  if (end == log->log_start_offset()) {
    const std::optional<Offset> start = start_of_batch_around(records, end);
    if (start) truncate_fully_and_start_at(*start);
  }
  ReadLock lock(mutex_);  // nobody exchanges the log meanwhile
  return log_->append_as_follower(records);
}

void Partition::truncate_to(Offset offset) {
  ReadLock lock(mutex_);
  context_.logs.truncate_to({{topic_partition_, offset}});
}

void Partition::truncate_fully_and_start_at(Offset offset) {
  ReadLock lock(mutex_);
  context_.logs.truncate_fully_and_start_at(topic_partition_, offset);
}

}  // namespace kafkascope

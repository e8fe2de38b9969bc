// Partition's in-sync replicas: when the ISR changes, how the change is agreed upon, and how the
// high watermark follows.
#include <algorithm>

#include "common/logging.h"
#include "replication/high_watermark.h"
#include "replication/partition.h"

namespace kafkascope {

/// No more replicas than there are can be asked for.
size_t Partition::effective_min_isr() const {
  Lock lock(replicas_mutex_);
  return std::min(static_cast<size_t>(std::max(0, log_->config()->min_in_sync_replicas)),
                  followers_.size() + 1);
}

bool Partition::may_join(BrokerId id) const {
  return context_.metadata.current()->brokers.contains(id);
}

LogOffsetMetadata Partition::next_high_watermark_locked() const {
  const LogOffsetMetadata end = log_->log_end_offset_metadata();
  const std::function<bool(BrokerId)> lives = [this](BrokerId id) { return may_join(id); };
  const Instant now = node_.clock().monotonic();
  Lock lock(replicas_mutex_);
  if (context_.defects.high_watermark_from_isr)
    return high_watermark_from_isr(end, followers_, state_.isr);
  if (context_.defects.high_watermark_counts_out_of_sync)
    return high_watermark_from_any(end, followers_, state_.isr.size());
  return next_high_watermark({end, followers_, maximal_isr(state_.isr, pending_), now,
                              context_.config.replica_lag_time_max, lives});
}

/// Not below min.insync.replicas: what is then written may be in one replica only, and a consumer
/// must not see what a clean election can lose.
bool Partition::maybe_increment_leader_high_watermark() {
  if (!leads() || state_.isr.size() < effective_min_isr()) return false;
  const LogOffsetMetadata next = next_high_watermark_locked();
  if (!log_->maybe_increment_high_watermark(next)) return false;
  KS_TRACE(node_, "HighWatermarkAdvanced", {"partition", topic_partition_.to_string()},
           {"offset", next.message_offset}, {"epoch", int64_t{state_.leader_epoch}});
  return true;
}

bool Partition::needs_expand_isr(BrokerId id) const {
  if (!leads() || pending_ || has_id(state_.isr, id) || !may_join(id)) return false;
  const Offset epoch_start =
      context_.defects.expand_isr_before_epoch_start ? 0 : leader_epoch_start_offset_.value_or(0);
  Lock lock(replicas_mutex_);
  const auto found = followers_.find(id);
  return found != followers_.end() &&
         is_follower_in_sync(found->second, log_->high_watermark(), epoch_start);
}

void Partition::maybe_expand_isr(BrokerId id) {
  if (context_.alter_partition == nullptr) return;
  {
    ReadLock lock(mutex_);  // nearly every fetch ends here
    if (!needs_expand_isr(id)) return;
  }
  std::optional<PendingIsrChange> change;
  {
    WriteLock lock(mutex_);
    if (!needs_expand_isr(id)) return;
    std::vector<BrokerId> isr = state_.isr;
    isr.push_back(id);
    change = propose(std::move(isr), true);
  }
  submit(*change);
}

std::vector<BrokerId> Partition::find_out_of_sync() const {
  if (!leads() || pending_) return {};
  const Instant now = node_.clock().monotonic();
  Lock lock(replicas_mutex_);
  return out_of_sync_replicas(state_.isr, local_broker_, followers_, log_->log_end_offset(), now,
                              context_.config.replica_lag_time_max);
}

void Partition::maybe_shrink_isr() {
  if (context_.alter_partition == nullptr) return;
  std::optional<PendingIsrChange> change;
  {
    WriteLock lock(mutex_);
    const std::vector<BrokerId> out = find_out_of_sync();
    if (out.empty()) return;
    std::vector<BrokerId> isr = state_.isr;
    std::erase_if(isr, [&](BrokerId id) { return has_id(out, id); });
    change = propose(std::move(isr), false);
  }
  submit(*change);
}

PendingIsrChange Partition::propose(std::vector<BrokerId> isr, bool expands) {
  pending_ = PendingIsrChange{
      {local_broker_, state_.leader_epoch, std::move(isr), state_.partition_epoch}, expands};
  KS_LOG(kInfo, node_.name(), "{}: {} ISR {} to {}", topic_partition_.to_string(),
         expands ? "expanding" : "shrinking", join_ids(state_.isr),
         join_ids(pending_->proposed.isr));
  KS_TRACE(node_, "IsrChangeProposed", {"partition", topic_partition_.to_string()},
           {"isr", join_ids(pending_->proposed.isr)},
           {"maximal", join_ids(maximal_isr(state_.isr, pending_))});
  return *pending_;
}

/// Without the lock: the answer may come before submit returns.
void Partition::submit(const PendingIsrChange& change) {
  int32_t controller_epoch = 0;
  Uuid topic_id;
  {
    ReadLock lock(mutex_);
    controller_epoch = state_.controller_epoch;
    topic_id = log_->topic_id().value_or(Uuid());
  }
  context_.alter_partition->submit(
      topic_partition_, topic_id, change.proposed, controller_epoch,
      [weak = weak_from_this(), change](const Result<LeaderAndIsr>& answer) {
        if (const auto partition = weak.lock()) partition->on_answer(change, answer);
      });
}

void Partition::on_answer(const PendingIsrChange& change, const Result<LeaderAndIsr>& answer) {
  bool accepted = false;
  bool raised = false;
  bool retries = false;
  {
    WriteLock lock(mutex_);
    // The controller has said something newer meanwhile: whatever became of the proposal is in it.
    if (pending_ != change) return;
    if (answer.ok()) {
      accepted = accept(*answer);
      raised = accepted && maybe_increment_leader_high_watermark();
    } else {
      const AfterRefusal next = after_refusal(answer.code());
      if (next == AfterRefusal::kReset) pending_.reset();
      retries = next == AfterRefusal::kRetry;
      KS_LOG(kWarn, node_.name(), "{}: ISR {} was refused: {} {}", topic_partition_.to_string(),
             join_ids(change.proposed.isr), error_name(answer.code()), answer.error().message);
    }
  }
  using Update = PartitionListener::IsrUpdate;
  context_.listener.on_isr_update(topic_partition_, !accepted        ? Update::kFailed
                                                    : change.expands ? Update::kExpanded
                                                                     : Update::kShrunk);
  if (raised) context_.listener.on_high_watermark_changed(topic_partition_);
  if (retries) submit(change);
}

/// False for an answer about another epoch: the ISR stays pending until the controller says what
/// is.
bool Partition::accept(const LeaderAndIsr& state) {
  if (state.leader_epoch != state_.leader_epoch || state.partition_epoch < state_.partition_epoch)
    return false;
  const bool expanded = pending_->expands;
  state_.isr = state.isr;
  state_.partition_epoch = state.partition_epoch;
  pending_.reset();
  KS_LOG(kInfo, node_.name(), "{}: ISR is {} at partition epoch {}", topic_partition_.to_string(),
         join_ids(state.isr), state.partition_epoch);
  KS_TRACE(node_, expanded ? "IsrExpanded" : "IsrShrunk",
           {"partition", topic_partition_.to_string()}, {"isr", join_ids(state.isr)},
           {"maximal", join_ids(state.isr)}, {"partition_epoch", int64_t{state.partition_epoch}});
  return true;
}

std::vector<BrokerId> Partition::in_sync_replica_ids() const {
  ReadLock lock(mutex_);
  return state_.isr;
}

/// Replicas that a reassignment adds are not missed yet.
bool Partition::is_under_replicated() const {
  ReadLock lock(mutex_);
  return leads() && state_.isr.size() + state_.adding_replicas.size() < state_.replicas.size();
}

bool Partition::is_under_min_isr() const {
  ReadLock lock(mutex_);
  return leads() && state_.isr.size() < effective_min_isr();
}

bool Partition::is_at_min_isr() const {
  ReadLock lock(mutex_);
  return leads() && state_.isr.size() == effective_min_isr();
}

bool Partition::is_reassigning() const {
  ReadLock lock(mutex_);
  return leads() && !(state_.adding_replicas.empty() && state_.removing_replicas.empty());
}

bool Partition::is_adding_replica(BrokerId id) const {
  ReadLock lock(mutex_);
  return has_id(state_.adding_replicas, id);
}

PartitionDescription Partition::describe() const {
  ReadLock lock(mutex_);
  PartitionDescription out{
      topic_partition_,      state_, leads(), log_->log_start_offset(), log_->high_watermark(),
      log_->log_end_offset()};
  out.leader_epoch_start_offset = leader_epoch_start_offset_;
  out.maximal_isr = maximal_isr(state_.isr, pending_);
  out.isr_change_pending = pending_.has_value();
  ReplicaProgress self{.broker = local_broker_, .is_local = true};
  self.is_in_sync = has_id(state_.isr, local_broker_);
  self.is_adding = has_id(state_.adding_replicas, local_broker_);
  self.is_removing = has_id(state_.removing_replicas, local_broker_);
  self.log_start_offset = out.log_start_offset;
  self.log_end_offset = out.log_end_offset;
  out.replicas.push_back(self);
  describe_followers(out);
  return out;
}

void Partition::describe_followers(PartitionDescription& description) const {
  const Instant now = node_.clock().monotonic();
  Lock lock(replicas_mutex_);
  for (const auto& [id, follower] : followers_) {
    ReplicaProgress one{.broker = id};
    one.is_in_sync = has_id(state_.isr, id);
    one.is_adding = has_id(state_.adding_replicas, id);
    one.is_removing = has_id(state_.removing_replicas, id);
    one.log_start_offset = follower.log_start_offset;
    one.log_end_offset = follower.log_end_offset.message_offset;
    one.lag = description.log_end_offset - std::max<Offset>(0, one.log_end_offset);
    if (follower.last_caught_up_time) {
      const Duration since = now - *follower.last_caught_up_time;
      one.ms_since_caught_up = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
    }
    description.replicas.push_back(one);
  }
}

}  // namespace kafkascope

// ReplicaFetcherThread's truncation: what the leader does not have goes, before anything is added.
#include "common/logging.h"
#include "replication/fetcher/replica_fetcher_thread.h"

namespace kafkascope {

void ReplicaFetcherThread::maybe_truncate() {
  std::map<TopicPartition, EpochQuery> queries;
  {
    Lock lock(mutex_);
    queries = truncating_partitions();
  }
  if (queries.empty()) return;
  const auto answers = leader_->fetch_epoch_end_offsets(queries);
  Lock lock(mutex_);
  for (const auto& [tp, query] : queries) {
    PartitionFetchState* state = find(tp, query.current_leader_epoch);
    if (state == nullptr) continue;  // removed, or another epoch began, while the leader was asked
    const EpochEndOffset& answer = answers.at(tp);
    if (answer.error == ErrorCode::kNone)
      truncate_to_epoch_end(tp, *state, answer);
    else
      handle_error(tp, *state, answer.error);
  }
}

// Where there is no epoch to ask for, the log is cut to its high watermark, at once.
std::map<TopicPartition, EpochQuery> ReplicaFetcherThread::truncating_partitions() {
  const Instant now = node_.clock().monotonic();
  std::vector<TopicPartition> due;
  for (const auto& [tp, state] : partitions_) {
    if (state.is_truncating(now)) due.push_back(tp);
  }
  std::map<TopicPartition, EpochQuery> queries;
  for (const TopicPartition& tp : due) {
    or_fail(tp, [&]() KS_REQUIRES(mutex_) {
      PartitionFetchState& state = partitions_.at(tp);
      const auto log = shared_.logs.log(tp);
      const auto epoch = truncates_by_epoch_ ? log->latest_epoch() : std::nullopt;
      if (epoch.has_value())
        queries[tp] = {state.current_leader_epoch, *epoch};
      else
        truncate(tp, state, {log->high_watermark(), true, "to the high watermark: no epochs"});
    });
  }
  return queries;
}

void ReplicaFetcherThread::truncate_to_epoch_end(const TopicPartition& tp,
                                                 PartitionFetchState& state,
                                                 const EpochEndOffset& leader) {
  or_fail(tp, [&]() KS_REQUIRES(mutex_) {
    const auto log = shared_.logs.log(tp);
    FollowerOffsets own{log->high_watermark(), log->log_end_offset(), std::nullopt};
    if (leader.leader_epoch != kNoLeaderEpoch)
      own.epoch_end = log->end_offset_for_epoch(leader.leader_epoch);
    truncate(tp, state, truncation_to_epoch_end(leader, own));
  });
}

void ReplicaFetcherThread::truncate(const TopicPartition& tp, PartitionFetchState& state,
                                    const OffsetTruncation& truncation) {
  const auto log = shared_.logs.log(tp);
  const Offset end = log->log_end_offset();
  if (truncation.offset < log->high_watermark()) {
    KS_LOG(kWarn, node_.name(), "{}: truncating to offset {}, below the high watermark {}",
           tp.to_string(), truncation.offset, log->high_watermark());
  }
  shared_.logs.truncate_to(tp, truncation.offset);
  if (log->log_end_offset() < end) {
    KS_TRACE(node_, "FollowerTruncated", {"partition", tp.to_string()},
             {"offset", log->log_end_offset()}, {"from", end},
             {"why", std::string(truncation.why)});
  }
  // A batch that held the offset went whole: the log may end below it.
  state.fetch_offset = log->log_end_offset();
  state.last_fetched_epoch = log->latest_epoch();
  // With truncation on fetch the next answer says whether there is more to cut.
  if (truncates_on_fetch_ || truncation.completed) state.state = ReplicaState::kFetching;
}

void ReplicaFetcherThread::handle_out_of_range(const TopicPartition& tp, LeaderEpoch epoch) {
  const Result<Offset> latest = leader_->fetch_latest_offset(tp, epoch);
  const Result<Offset> earliest = leader_->fetch_earliest_offset(tp, epoch);
  Lock lock(mutex_);
  PartitionFetchState* state = find(tp, epoch);
  if (state == nullptr) return;
  if (!latest.ok()) return handle_error(tp, *state, latest.code());
  if (!earliest.ok()) return handle_error(tp, *state, earliest.code());
  or_fail(tp, [&]() KS_REQUIRES(mutex_) { reset_offset(tp, *state, *earliest, *latest); });
}

void ReplicaFetcherThread::reset_offset(const TopicPartition& tp, PartitionFetchState& state,
                                        Offset leader_start, Offset leader_end) {
  const auto log = shared_.logs.log(tp);
  const Offset end = log->log_end_offset();
  const OffsetReset reset = reset_of_offset(end, leader_start, leader_end);
  if (reset.action == OffsetReset::kTruncate) {
    truncate(tp, state, {leader_end, true, "to the leader's log end"});
  } else if (reset.action == OffsetReset::kTruncateFully) {
    shared_.logs.truncate_fully_and_start_at(tp, leader_start);
    KS_TRACE(node_, "FollowerTruncated", {"partition", tp.to_string()}, {"offset", leader_start},
             {"from", end}, {"why", std::string("fully: the leader's log starts beyond the end")});
  }
  state.state = ReplicaState::kFetching;
  state.fetch_offset = log->log_end_offset();
  state.last_fetched_epoch = log->latest_epoch();
  state.lag = std::max<int64_t>(0, leader_end - state.fetch_offset);
  metrics_.set_lag(tp, *state.lag);
  KS_LOG(kWarn, node_.name(), "{}: the leader has {} to {}, this log ended at {}: goes on at {}",
         tp.to_string(), leader_start, leader_end, end, state.fetch_offset);
}

}  // namespace kafkascope

// ReplicaFetcherThread's fetch rounds: one request, and what becomes of its answer.
#include <fmt/core.h>

#include <algorithm>

#include "common/logging.h"
#include "replication/fetcher/replica_fetcher_thread.h"
#include "replication/replication_quota_manager.h"

namespace kafkascope {

void ReplicaFetcherThread::maybe_fetch() {
  const FetchPartitions wanted = partitions_to_fetch();
  if (wanted.empty()) return;
  const Result<Answers> answers = leader_->fetch(wanted);
  metrics_.requests().mark();
  if (answers.ok()) return handle_fetched(wanted, *answers);
  Lock lock(mutex_);
  for (const auto& [tp, asked] : wanted) {
    if (const auto found = partitions_.find(tp); found != partitions_.end())
      delay(tp, found->second, answers.error().message);
  }
}

// Waits when there are none, until there may be.
FetchPartitions ReplicaFetcherThread::partitions_to_fetch() {
  Lock lock(mutex_);
  const Instant now = node_.clock().monotonic();
  Instant look_again = kForever;
  std::vector<TopicPartition> ready;
  for (const auto& [tp, state] : partitions_) {
    if (state.is_delayed(now)) {
      look_again = std::min(look_again, state.delayed_until);
    } else if (state.is_truncating(now)) {
      look_again = now;  // a second round of truncation
    } else if (!state.is_replica_in_sync() && shared_.quota.is_throttled(tp) &&
               shared_.quota.is_quota_exceeded()) {
      // What is in sync is fetched all the same, or the ISR would shrink and grow all the time.
      look_again = std::min(look_again, deadline_after(now, shared_.backoff));
    } else {
      ready.push_back(tp);
    }
  }
  FetchPartitions wanted;
  for (const TopicPartition& tp : ready) {
    or_fail(tp,
            [&]() KS_REQUIRES(mutex_) { wanted.emplace(tp, request_for(tp, partitions_.at(tp))); });
  }
  if (wanted.empty() && is_running() && look_again > now) changed_.wait_until(lock, look_again);
  return wanted;
}

FetchPartitionData ReplicaFetcherThread::request_for(const TopicPartition& tp,
                                                     const PartitionFetchState& state) {
  FetchPartitionData data;
  data.topic_id = state.topic_id.value_or(Uuid());
  data.fetch_offset = state.fetch_offset;
  data.log_start_offset = shared_.logs.log(tp)->log_start_offset();
  data.max_bytes = shared_.fetch_max_bytes;
  if (!shared_.defects.no_epoch_in_fetch) data.current_leader_epoch = state.current_leader_epoch;
  if (truncates_on_fetch_) data.last_fetched_epoch = state.last_fetched_epoch.value_or(-1);
  return data;
}

void ReplicaFetcherThread::handle_fetched(const FetchPartitions& wanted, const Answers& answers) {
  std::map<TopicPartition, LeaderEpoch> out_of_range;
  {
    Lock lock(mutex_);
    const Instant now = node_.clock().monotonic();
    for (const auto& [tp, data] : answers) {
      const auto asked = wanted.find(tp);
      const auto found = partitions_.find(tp);
      if (asked == wanted.end() || found == partitions_.end()) continue;
      // The answer is to a question of before: the partition was removed and added meanwhile.
      PartitionFetchState& state = found->second;
      const LeaderEpoch epoch = asked->second.current_leader_epoch;
      if (epoch != kNoLeaderEpoch && epoch != state.current_leader_epoch) continue;
      if (asked->second.fetch_offset != state.fetch_offset || !state.is_ready_for_fetch(now))
        continue;
      const LeaderEpoch current = state.current_leader_epoch;
      if (!handle_partition(tp, state, data)) out_of_range[tp] = current;
    }
  }
  for (const auto& [tp, epoch] : out_of_range) handle_out_of_range(tp, epoch);
}

bool ReplicaFetcherThread::handle_partition(const TopicPartition& tp, PartitionFetchState& state,
                                            const FetchedPartition& data) {
  if (data.error == ErrorCode::kOffsetOutOfRange) return false;
  if (data.error != ErrorCode::kNone) {
    handle_error(tp, state, data.error);
  } else if (truncates_on_fetch_ && data.diverging_epoch.has_value()) {
    KS_TRACE(node_, "DivergingEpochFound", {"partition", tp.to_string()},
             {"leader_epoch", int64_t{data.diverging_epoch->leader_epoch}},
             {"end_offset", data.diverging_epoch->end_offset});
    truncate_to_epoch_end(tp, state, *data.diverging_epoch);
  } else {
    try {
      process_partition_data(tp, state, data);
      state.failures = 0;
    } catch (const KafkaException& e) {
      // Bytes that were damaged on their way may be whole the next time.
      if (e.code() == ErrorCode::kCorruptMessage || e.code() == ErrorCode::kInvalidRecord ||
          e.code() == ErrorCode::kMessageTooLarge)
        delay(tp, state, e.what());
      else
        mark_failed(tp, e.what());
    }
  }
  return true;
}

void ReplicaFetcherThread::process_partition_data(const TopicPartition& tp,
                                                  PartitionFetchState& state,
                                                  const FetchedPartition& data) {
  const auto log = shared_.logs.log(tp);
  if (log->log_end_offset() != state.fetch_offset) {
    throw KafkaException(ErrorCode::kUnknownServerError,
                         fmt::format("fetched at offset {}, but the log ends at {}",
                                     state.fetch_offset, log->log_end_offset()));
  }
  const LogAppendInfo info = shared_.logs.append_records_to_follower(tp, data.records);
  if (!info.ok()) throw KafkaException(info.error, info.error_message);
  if (info.valid_bytes == 0 && !data.records.empty()) {  // before KIP-74 (Fetch v3)
    throw KafkaException(ErrorCode::kMessageTooLarge,
                         "the next batch is larger than replica.fetch.max.bytes");
  }
  if (info.valid_bytes > 0) {
    state.fetch_offset = info.last_offset + 1;
    if (info.last_leader_epoch != kNoLeaderEpoch) state.last_fetched_epoch = info.last_leader_epoch;
    metrics_.bytes().mark(info.valid_bytes);
    KS_TRACE(node_, "FollowerAppended", {"partition", tp.to_string()},
             {"base_offset", info.first_offset}, {"log_end_offset", state.fetch_offset},
             {"leader", int64_t{leader().id}}, {"leader_high_watermark", data.high_watermark});
  }
  state.lag = std::max<int64_t>(0, data.high_watermark - state.fetch_offset);
  metrics_.set_lag(tp, *state.lag);
  const Offset before = log->high_watermark();
  if (log->update_high_watermark(data.high_watermark) != before) new_high_watermarks_.push_back(tp);
  (void)log->maybe_increment_log_start_offset(
      std::min(data.log_start_offset, log->high_watermark()), "the leader's log starts there");
  if (shared_.quota.is_throttled(tp))
    shared_.quota.record(static_cast<int64_t>(data.records.size()));
}

}  // namespace kafkascope

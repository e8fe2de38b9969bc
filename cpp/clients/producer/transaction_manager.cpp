#include "clients/producer/transaction_manager.h"

#include <algorithm>
#include <limits>

#include "clients/producer/producer_batch.h"

namespace kafkascope {

TransactionManager::TransactionManager(Node& node, bool idempotent)
    : node_(node), idempotent_(idempotent), mutex_(node, "transaction manager") {}

bool TransactionManager::has_producer_id() const {
  Lock lock(mutex_);
  return identity_.is_valid();
}

ProducerIdAndEpoch TransactionManager::producer_id_and_epoch() const {
  Lock lock(mutex_);
  return identity_;
}

bool TransactionManager::begin_initialization() {
  Lock lock(mutex_);
  if (!idempotent_ || state_ != State::kUninitialized) return false;
  state_ = State::kInitializing;
  return true;
}

void TransactionManager::complete_initialization(ProducerIdAndEpoch identity) {
  Lock lock(mutex_);
  if (state_ != State::kInitializing) return;
  identity_ = identity;
  state_ = State::kReady;
  for (auto& [tp, entry] : partitions_) restart_sequences(tp, entry);
  unresolved_.clear();
  to_restart_.clear();
  KS_TRACE(node_, "ProducerIdAssigned", {"producer_id", identity.producer_id},
           {"epoch", int64_t{identity.epoch}});
}

void TransactionManager::failed_initialization() {
  Lock lock(mutex_);
  if (state_ == State::kInitializing) state_ = State::kUninitialized;
}

void TransactionManager::fatal_error(Error error) {
  Lock lock(mutex_);
  state_ = State::kFatalError;
  identity_ = {};
  fatal_ = std::move(error);
}

std::optional<Error> TransactionManager::fatal_error() const {
  Lock lock(mutex_);
  return fatal_;
}

void TransactionManager::maybe_resolve_sequences() {
  Lock lock(mutex_);
  for (auto at = unresolved_.begin(); at != unresolved_.end();) {
    const TopicPartition& tp = *at;
    const PartitionEntry& entry = partitions_[tp];
    if (!entry.in_flight.empty()) {
      ++at;
      continue;
    }
    // All later batches ended. Was the expired one's successor acknowledged, the expired one had
    // arrived too.
    const bool all_arrived =
        increment_sequence(entry.last_acked_sequence, 1) == entry.next_sequence;
    if (!all_arrived) request_epoch_bump(tp);
    at = unresolved_.erase(at);
  }
}

void TransactionManager::request_epoch_bump(const TopicPartition& tp) { to_restart_.insert(tp); }

void TransactionManager::bump_epoch_if_needed() {
  Lock lock(mutex_);
  if (to_restart_.empty() || state_ != State::kReady) return;
  if (identity_.epoch == std::numeric_limits<ProducerEpoch>::max()) {
    identity_ = {};
    state_ =
        State::kUninitialized;  // a new producer id; every partition starts again when it comes
    return;
  }
  ++identity_.epoch;
  KS_TRACE(node_, "ProducerEpochBumped", {"producer_id", identity_.producer_id},
           {"epoch", int64_t{identity_.epoch}});
  for (const TopicPartition& tp : to_restart_) {
    restart_sequences(tp, partitions_[tp]);
    unresolved_.erase(tp);
  }
  to_restart_.clear();
}

void TransactionManager::restart_sequences(const TopicPartition&, PartitionEntry& entry) {
  entry.identity = identity_;
  entry.next_sequence = 0;
  entry.last_acked_sequence = kNoSequence;
  for (const std::shared_ptr<ProducerBatch>& batch : entry.in_flight) {
    batch->reset_producer_state(identity_.producer_id, identity_.epoch, entry.next_sequence);
    entry.next_sequence = increment_sequence(entry.next_sequence, batch->record_count());
  }
}

bool TransactionManager::may_drain(const ProducerBatch& batch) const {
  if (!idempotent_) return true;
  Lock lock(mutex_);
  if (!identity_.is_valid()) return false;
  const auto found = partitions_.find(batch.topic_partition());
  if (found == partitions_.end()) return true;
  const PartitionEntry& entry = found->second;
  if (!batch.has_sequence()) {
    // While others of an older epoch are under way, the new epoch's first batch must wait for them.
    if (unresolved_.contains(batch.topic_partition())) return false;
    return entry.identity == identity_ || entry.in_flight.empty();
  }
  return entry.in_flight.empty() ||
         entry.in_flight.front()->base_sequence() == batch.base_sequence();
}

void TransactionManager::assign_sequence(const std::shared_ptr<ProducerBatch>& batch) {
  if (!idempotent_ || batch->has_sequence()) return;
  Lock lock(mutex_);
  PartitionEntry& entry = partitions_[batch->topic_partition()];
  if (entry.identity != identity_ && entry.in_flight.empty())
    restart_sequences(batch->topic_partition(), entry);
  batch->set_producer_state(identity_.producer_id, identity_.epoch, entry.next_sequence);
  entry.next_sequence = increment_sequence(entry.next_sequence, batch->record_count());
  entry.in_flight.push_back(batch);
}

void TransactionManager::complete_batch(const ProducerBatch& batch, Offset last_offset) {
  if (!batch.has_sequence()) return;
  Lock lock(mutex_);
  PartitionEntry& entry = partitions_[batch.topic_partition()];
  if (batch.sequence_was_reset()) {
    request_epoch_bump(
        batch.topic_partition());  // it arrived under its old number: the new one stays unused
  } else if (batch.producer_epoch() == entry.identity.epoch &&
             batch.producer_id() == entry.identity.producer_id) {
    entry.last_acked_sequence = std::max(entry.last_acked_sequence, batch.last_sequence());
    // After a wrap the numbers start again: the newest acknowledged one is then the small one.
    if (batch.last_sequence() < batch.base_sequence())
      entry.last_acked_sequence = batch.last_sequence();
  }
  entry.last_acked_offset = std::max(entry.last_acked_offset, last_offset);
  remove_in_flight(batch);
}

void TransactionManager::fail_batch(const ProducerBatch& batch, const Error& error, bool adjust) {
  if (error.code == ErrorCode::kClusterAuthorizationFailed ||
      error.code == ErrorCode::kProducerFenced || error.code == ErrorCode::kUnsupportedVersion) {
    fatal_error(error);
  }
  if (!batch.has_sequence()) return;
  Lock lock(mutex_);
  remove_in_flight(batch);
  if (adjust && state_ != State::kFatalError) request_epoch_bump(batch.topic_partition());
}

void TransactionManager::mark_sequence_unresolved(const ProducerBatch& batch) {
  if (!batch.has_sequence()) return;
  Lock lock(mutex_);
  unresolved_.insert(batch.topic_partition());
}

bool TransactionManager::can_retry(const ProducerBatch& batch, ErrorCode error,
                                   Offset log_start_offset) {
  if (!batch.has_sequence()) return false;
  Lock lock(mutex_);
  const TopicPartition& tp = batch.topic_partition();
  PartitionEntry& entry = partitions_[tp];
  if (error == ErrorCode::kUnknownProducerId && log_start_offset == -1 &&
      !batch.sequence_was_reset())
    return false;
  if (error != ErrorCode::kUnknownProducerId && error != ErrorCode::kOutOfOrderSequenceNumber)
    return false;
  if (batch.sequence_was_reset()) return true;  // the answer is to its old number
  const bool next_in_line =
      increment_sequence(entry.last_acked_sequence, 1) == batch.base_sequence();
  // Behind another batch that failed: in its turn it will be accepted.
  if (error == ErrorCode::kOutOfOrderSequenceNumber && !next_in_line && !unresolved_.contains(tp))
    return true;
  // The broker forgot this producer (its records were deleted) or lost a batch: begin anew,
  // numbered from zero.
  request_epoch_bump(tp);
  return true;
}

void TransactionManager::replace_batch(const ProducerBatch& whole,
                                       const std::vector<std::shared_ptr<ProducerBatch>>& parts) {
  if (!whole.has_sequence()) return;
  Lock lock(mutex_);
  PartitionEntry& entry = partitions_[whole.topic_partition()];
  auto at = std::find_if(entry.in_flight.begin(), entry.in_flight.end(),
                         [&](const auto& batch) { return batch.get() == &whole; });
  if (at == entry.in_flight.end()) return;
  at = entry.in_flight.erase(at);
  int32_t sequence = whole.base_sequence();
  for (const std::shared_ptr<ProducerBatch>& part : parts) {
    part->set_producer_state(whole.producer_id(), whole.producer_epoch(), sequence);
    sequence = increment_sequence(sequence, part->record_count());
  }
  entry.in_flight.insert(at, parts.begin(), parts.end());
}

void TransactionManager::remove_in_flight(const ProducerBatch& batch) {
  auto& in_flight = partitions_[batch.topic_partition()].in_flight;
  std::erase_if(in_flight, [&](const auto& other) { return other.get() == &batch; });
}

int32_t TransactionManager::next_sequence(const TopicPartition& tp) const {
  Lock lock(mutex_);
  const auto found = partitions_.find(tp);
  return found == partitions_.end() ? 0 : found->second.next_sequence;
}

TransactionManagerDescription TransactionManager::describe() const {
  static constexpr const char* kNames[] = {"UNINITIALIZED", "INITIALIZING", "READY", "FATAL_ERROR"};
  Lock lock(mutex_);
  TransactionManagerDescription description;
  description.idempotent = idempotent_;
  description.state = kNames[static_cast<int>(state_)];
  description.producer_id = identity_.producer_id;
  description.producer_epoch = identity_.epoch;
  for (const auto& [tp, entry] : partitions_)
    description.next_sequences.emplace_back(tp, entry.next_sequence);
  return description;
}

}  // namespace kafkascope

// TransactionManager: the identity and sequence numbers of an idempotent producer.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "clients/producer/producer_descriptions.h"
#include "common/errors.h"
#include "common/types.h"
#include "runtime/threads.h"

namespace kafkascope {

class ProducerBatch;

struct ProducerIdAndEpoch {
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch epoch = kNoProducerEpoch;

  bool is_valid() const { return producer_id > kNoProducerId; }
  bool operator==(const ProducerIdAndEpoch&) const = default;
};

/// Kafka's TransactionManager for a producer without transactional.id. The network thread writes;
/// any thread may ask for a description or the fatal error. Each batch of a partition gets the next
/// sequence when it is first drained; the broker refuses gaps and recognizes repetitions. When a
/// sequence can no longer be honoured (a batch was given up and nobody knows whether it arrived),
/// the epoch is bumped and the partition starts again at zero (KIP-360).
class TransactionManager {
 public:
  TransactionManager(Node& node, bool idempotent);

  bool is_idempotent() const { return idempotent_; }

  // Identity.
  bool has_producer_id() const;
  ProducerIdAndEpoch producer_id_and_epoch() const;
  /// True when an InitProducerId request should be sent now; then the state is INITIALIZING.
  bool begin_initialization();
  void complete_initialization(ProducerIdAndEpoch identity);
  /// Retriable: asked for again.
  void failed_initialization();
  void fatal_error(Error error);
  std::optional<Error> fatal_error() const;
  /// At the start of each round: resolves what can be resolved, and bumps the epoch where it must.
  void maybe_resolve_sequences();
  void bump_epoch_if_needed();

  // Sequences.
  /// May this batch go out now? No: without identity, behind a batch that must be retried first, or
  /// while it is unknown whether an expired one arrived.
  bool may_drain(const ProducerBatch& batch) const;
  /// A batch's first drain: gives it the next sequence.
  void assign_sequence(const std::shared_ptr<ProducerBatch>& batch);
  void complete_batch(const ProducerBatch& batch, Offset last_offset);
  /// `adjust`: the batch used up a sequence that the broker never saw, so the ones behind it must
  /// be numbered again.
  void fail_batch(const ProducerBatch& batch, const Error& error, bool adjust);
  /// The batch expired after it was sent.
  void mark_sequence_unresolved(const ProducerBatch& batch);
  /// Is this error of a numbered batch one that another attempt heals?
  bool can_retry(const ProducerBatch& batch, ErrorCode error, Offset log_start_offset);
  /// A batch was split: the parts take its place.
  void replace_batch(const ProducerBatch& whole,
                     const std::vector<std::shared_ptr<ProducerBatch>>& parts);

  int32_t next_sequence(const TopicPartition& tp) const;
  TransactionManagerDescription describe() const;

 private:
  enum class State { kUninitialized, kInitializing, kReady, kFatalError };
  struct PartitionEntry {
    ProducerIdAndEpoch identity;
    int32_t next_sequence = 0;
    int32_t last_acked_sequence = kNoSequence;
    Offset last_acked_offset = kNoOffset;
    std::deque<std::shared_ptr<ProducerBatch>>
        in_flight;  // in sequence order, those to be retried included
  };
  void remove_in_flight(const ProducerBatch& batch) KS_REQUIRES(mutex_);
  void restart_sequences(const TopicPartition& tp, PartitionEntry& entry) KS_REQUIRES(mutex_);
  void request_epoch_bump(const TopicPartition& tp) KS_REQUIRES(mutex_);

  Node& node_;
  const bool idempotent_;
  mutable Mutex mutex_;
  State state_ KS_GUARDED_BY(mutex_) = State::kUninitialized;
  ProducerIdAndEpoch identity_ KS_GUARDED_BY(mutex_);
  std::optional<Error> fatal_ KS_GUARDED_BY(mutex_);
  std::map<TopicPartition, PartitionEntry> partitions_ KS_GUARDED_BY(mutex_);
  std::set<TopicPartition> unresolved_ KS_GUARDED_BY(mutex_);
  std::set<TopicPartition> to_restart_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

#include "log/producer_append_info.h"

#include <fmt/core.h>

#include "record/record_iterator.h"

namespace kafkascope {
namespace {

/// At or before `last`, in the half of the ring of sequence numbers that lies behind it.
bool is_behind(int32_t sequence, int32_t last) {
  const uint32_t back = (static_cast<uint32_t>(last) - static_cast<uint32_t>(sequence)) & INT32_MAX;
  return back < (1u << 30);
}

/// A control batch holds one record. Nothing when it was compacted away, or is of another kind.
std::optional<EndTransactionMarker> marker_in(const RecordBatch& batch) {
  RecordIterator records(batch);
  RecordView record;
  return records.next(record) ? EndTransactionMarker::read(record) : std::nullopt;
}

}  // namespace

ProducerAppendInfo::ProducerAppendInfo(const TopicPartition& partition,
                                       const ProducerStateEntry& current, AppendOrigin origin)
    : partition_(partition), current_(current), updated_(current), origin_(origin) {
  // Only what this append adds; update() puts it behind the rest.
  updated_.batches.clear();
}

std::optional<CompletedTxn> ProducerAppendInfo::append(
    const RecordBatch& batch, const std::optional<LogOffsetMetadata>& first_offset) {
  if (batch.is_control()) {
    const auto marker = marker_in(batch);
    return marker ? append_marker(*marker, batch) : std::nullopt;
  }
  append_data(batch, first_offset.value_or(LogOffsetMetadata{batch.base_offset()}));
  return std::nullopt;
}

void ProducerAppendInfo::append_data(const RecordBatch& batch,
                                     const LogOffsetMetadata& first_offset) {
  const ProducerEpoch epoch = batch.producer_epoch();
  check_epoch(epoch, batch.base_offset());
  if (origin_ == AppendOrigin::kClient) {
    check_sequence(epoch, batch);
  }
  updated_.add_batch(epoch, {batch.last_sequence(), batch.last_offset(),
                             static_cast<int32_t>(batch.last_offset() - batch.base_offset()),
                             batch.max_timestamp()});
  if (updated_.current_txn_first_offset && !batch.is_transactional()) {
    throw KafkaException(
        ErrorCode::kInvalidTxnState,
        fmt::format("{}: producer {} wrote a batch without a transaction at offset {} while its "
                    "transaction from offset {} is open",
                    partition_.to_string(), updated_.producer_id, batch.base_offset(),
                    *updated_.current_txn_first_offset));
  }
  if (batch.is_transactional() && !updated_.current_txn_first_offset) {
    updated_.current_txn_first_offset = batch.base_offset();
    started_.push_back({updated_.producer_id, first_offset, std::nullopt});
  }
}

void ProducerAppendInfo::check_epoch(ProducerEpoch epoch, Offset offset) const {
  // A follower takes what its leader took.
  if (epoch >= updated_.producer_epoch || origin_ == AppendOrigin::kReplication) return;
  throw KafkaException(
      ErrorCode::kInvalidProducerEpoch,
      fmt::format("{}: producer {} has epoch {} at offset {}, but a later one, {}, wrote already",
                  partition_.to_string(), updated_.producer_id, epoch, offset,
                  updated_.producer_epoch));
}

void ProducerAppendInfo::refuse(ErrorCode error, const RecordBatch& batch, int32_t expected) const {
  throw KafkaException(
      error, fmt::format("{}: producer {} epoch {} sends sequence {} (would be offset {}): "
                         "expected {}",
                         partition_.to_string(), updated_.producer_id, batch.producer_epoch(),
                         batch.base_sequence(), batch.last_offset(), expected));
}

void ProducerAppendInfo::check_sequence(ProducerEpoch epoch, const RecordBatch& batch) const {
  const int32_t first_seq = batch.base_sequence();
  if (epoch != updated_.producer_epoch) {
    // A new epoch starts at 0; a producer of whom nothing is known may start anywhere (KIP-360).
    if (first_seq != 0 && updated_.producer_epoch != kNoProducerEpoch)
      refuse(ErrorCode::kOutOfOrderSequenceNumber, batch, 0);
    return;
  }
  if (updated_.empty() && current_.producer_epoch == kNoProducerEpoch) return;
  int32_t last_seq = updated_.last_seq();
  if (updated_.empty() && current_.producer_epoch == epoch) last_seq = current_.last_seq();
  const int32_t expected = increment_sequence(last_seq, 1);
  if (first_seq == expected) return;
  // All of it was written before, by a batch of which we have forgotten where: after a recovery a
  // snapshot tells of the last one only. Taken for out of order, the client would send it anew
  // under the next epoch, and it would be there twice.
  const bool written = is_behind(first_seq, last_seq) && is_behind(batch.last_sequence(), last_seq);
  refuse(written ? ErrorCode::kDuplicateSequenceNumber : ErrorCode::kOutOfOrderSequenceNumber,
         batch, expected);
}

std::optional<CompletedTxn> ProducerAppendInfo::append_marker(const EndTransactionMarker& marker,
                                                              const RecordBatch& batch) {
  const Offset offset = batch.base_offset();
  check_epoch(batch.producer_epoch(), offset);
  if (updated_.coordinator_epoch > marker.coordinator_epoch &&
      origin_ != AppendOrigin::kReplication) {
    throw KafkaException(
        ErrorCode::kTransactionCoordinatorFenced,
        fmt::format("{}: marker of coordinator epoch {} for producer {}: epoch {} wrote already",
                    partition_.to_string(), marker.coordinator_epoch, updated_.producer_id,
                    updated_.coordinator_epoch));
  }
  updated_.maybe_update_epoch(batch.producer_epoch());
  // A marker without a transaction here (a retry, or nothing was written) completes nothing.
  std::optional<CompletedTxn> completed;
  if (updated_.current_txn_first_offset) {
    completed = CompletedTxn{updated_.producer_id, *updated_.current_txn_first_offset, offset,
                             !marker.commit};
  }
  updated_.current_txn_first_offset.reset();
  updated_.coordinator_epoch = marker.coordinator_epoch;
  updated_.last_timestamp = batch.base_timestamp();
  return completed;
}

}  // namespace kafkascope

// ProducerStateEntry: what the log knows of one idempotent producer.
#pragma once

#include <deque>
#include <optional>

#include "log/log_offset_metadata.h"
#include "record/record_batch.h"

namespace kafkascope {

/// One batch that was appended; sequences and offsets are of its last record.
struct BatchMetadata {
  int32_t last_seq = kNoSequence;
  Offset last_offset = kNoOffset;
  int32_t offset_delta = 0;  // records - 1
  TimestampMs timestamp = kNoTimestamp;

  int32_t first_seq() const;
  Offset first_offset() const { return last_offset - offset_delta; }
  auto operator<=>(const BatchMetadata&) const = default;
};

/// Kafka's ProducerStateEntry: the last five batches tell a retry from something new.
struct ProducerStateEntry {
  static constexpr size_t kNumBatchesToRetain = 5;

  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  int32_t coordinator_epoch = -1;
  TimestampMs last_timestamp = kNoTimestamp;
  std::optional<Offset> current_txn_first_offset;
  std::deque<BatchMetadata> batches;  // oldest first

  bool empty() const { return batches.empty(); }
  int32_t first_seq() const { return empty() ? kNoSequence : batches.front().first_seq(); }
  int32_t last_seq() const { return empty() ? kNoSequence : batches.back().last_seq; }
  Offset last_data_offset() const { return empty() ? kNoOffset : batches.back().last_offset; }
  Offset first_data_offset() const { return empty() ? kNoOffset : batches.front().first_offset(); }

  /// A new epoch forgets the batches of the old one.
  void maybe_update_epoch(ProducerEpoch epoch);
  void add_batch(ProducerEpoch epoch, const BatchMetadata& batch);
  /// Takes over what an append added.
  void update(const ProducerStateEntry& next);
  /// The batch of before that this one repeats.
  std::optional<BatchMetadata> find_duplicate(const RecordBatch& batch) const;

  bool operator==(const ProducerStateEntry&) const = default;
};

/// A transaction whose marker was just read or written.
struct CompletedTxn {
  ProducerId producer_id = kNoProducerId;
  Offset first_offset = 0;
  Offset last_offset = 0;  // of the marker
  bool is_aborted = false;
};

/// A transaction that holds the last stable offset back.
struct TxnMetadata {
  ProducerId producer_id = kNoProducerId;
  LogOffsetMetadata first_offset;
  std::optional<Offset> last_offset;  // of its marker, once there is one
};

}  // namespace kafkascope

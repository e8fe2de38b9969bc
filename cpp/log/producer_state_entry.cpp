#include "log/producer_state_entry.h"

namespace kafkascope {

int32_t BatchMetadata::first_seq() const {
  // Sequences wrap at 2^31.
  return static_cast<int32_t>((int64_t{last_seq} - offset_delta) & 0x7fffffff);
}

void ProducerStateEntry::maybe_update_epoch(ProducerEpoch epoch) {
  if (producer_epoch == epoch) return;
  batches.clear();
  producer_epoch = epoch;
}

void ProducerStateEntry::add_batch(ProducerEpoch epoch, const BatchMetadata& batch) {
  maybe_update_epoch(epoch);
  if (batches.size() == kNumBatchesToRetain) batches.pop_front();
  batches.push_back(batch);
  last_timestamp = batch.timestamp;
}

void ProducerStateEntry::update(const ProducerStateEntry& next) {
  maybe_update_epoch(next.producer_epoch);
  for (const BatchMetadata& batch : next.batches) add_batch(next.producer_epoch, batch);
  coordinator_epoch = next.coordinator_epoch;
  current_txn_first_offset = next.current_txn_first_offset;
  last_timestamp = next.last_timestamp;
}

std::optional<BatchMetadata> ProducerStateEntry::find_duplicate(const RecordBatch& batch) const {
  if (batch.producer_epoch() != producer_epoch) return std::nullopt;
  for (const BatchMetadata& known : batches) {
    if (known.first_seq() == batch.base_sequence() && known.last_seq == batch.last_sequence()) {
      return known;
    }
  }
  return std::nullopt;
}

}  // namespace kafkascope

#include "log/cleaner/cleaned_transaction_metadata.h"

#include "record/control_record.h"
#include "record/record_iterator.h"

namespace kafkascope {

void CleanedTransactionMetadata::add_aborted_transactions(const std::vector<AbortedTxn>& txns) {
  for (const AbortedTxn& txn : txns) upcoming_.push(txn);
}

void CleanedTransactionMetadata::begin_aborted_up_to(Offset offset) {
  for (; !upcoming_.empty() && upcoming_.top().first_offset <= offset; upcoming_.pop()) {
    aborted_.try_emplace(upcoming_.top().producer_id, Aborted{upcoming_.top()});
  }
}

bool CleanedTransactionMetadata::may_discard(const RecordBatch& batch) {
  begin_aborted_up_to(batch.last_offset());
  return batch.is_control() ? may_discard_marker(batch) : may_discard_data(batch);
}

bool CleanedTransactionMetadata::may_discard_marker(const RecordBatch& batch) {
  RecordIterator records(batch);
  RecordView record;
  if (!records.next(record)) return true;  // emptied by an earlier cleaning
  const ControlRecordType type = control_record_type(record);
  if (type == ControlRecordType::kCommit) return committed_.erase(batch.producer_id()) == 0;
  if (type != ControlRecordType::kAbort) return false;
  const auto known = aborted_.find(batch.producer_id());
  if (known == aborted_.end()) return true;
  const Aborted aborted = known->second;
  aborted_.erase(known);
  if (aborted.batch_seen && cleaned_index_ != nullptr) cleaned_index_->append(aborted.txn);
  return !aborted.batch_seen;
}

bool CleanedTransactionMetadata::may_discard_data(const RecordBatch& batch) {
  if (!batch.is_transactional()) return false;
  const auto known = aborted_.find(batch.producer_id());
  if (known == aborted_.end()) {
    committed_.insert(batch.producer_id());
    return false;
  }
  known->second.batch_seen = true;
  return true;
}

}  // namespace kafkascope

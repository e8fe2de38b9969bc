// ProducerAppendInfo: checks one producer's batches before they are appended, and what they change.
#pragma once

#include <vector>

#include "log/log_append_info.h"
#include "log/producer_state_entry.h"
#include "record/control_record.h"

namespace kafkascope {

/// Kafka's ProducerAppendInfo. Collects; ProducerStateManager::update makes it so. Checks throw
/// KafkaException: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER,
/// TRANSACTION_COORDINATOR_FENCED, INVALID_TXN_STATE.
class ProducerAppendInfo {
 public:
  ProducerAppendInfo(const TopicPartition& partition, const ProducerStateEntry& current,
                     AppendOrigin origin);

  /// A batch whose offsets are final. Where its first record lies is needed if it begins a
  /// transaction. Returns the transaction that the batch completed, if it is a marker.
  std::optional<CompletedTxn> append(const RecordBatch& batch,
                                     const std::optional<LogOffsetMetadata>& first_offset);

  ProducerId producer_id() const { return updated_.producer_id; }
  const ProducerStateEntry& updated() const { return updated_; }
  const std::vector<TxnMetadata>& started_transactions() const { return started_; }

 private:
  std::optional<CompletedTxn> append_marker(const EndTransactionMarker& marker,
                                            const RecordBatch& batch);
  void append_data(const RecordBatch& batch, const LogOffsetMetadata& first_offset);
  void check_epoch(ProducerEpoch epoch, Offset offset) const;
  void check_sequence(ProducerEpoch epoch, const RecordBatch& batch) const;
  [[noreturn]] void refuse(ErrorCode error, const RecordBatch& batch, int32_t expected) const;

  const TopicPartition& partition_;
  const ProducerStateEntry current_;
  ProducerStateEntry updated_;
  const AppendOrigin origin_;
  std::vector<TxnMetadata> started_;
};

}  // namespace kafkascope

// CleanedTransactionMetadata: which transactions a cleaner is in the middle of.
#pragma once

#include <map>
#include <queue>
#include <set>
#include <vector>

#include "log/transaction_index.h"
#include "record/record_batch.h"

namespace kafkascope {

/// Kafka's CleanedTransactionMetadata. Told of every batch in order, it says which may go: batches
/// of aborted transactions, and markers of transactions of which nothing is left. Writes the
/// aborted transactions of which something is left to the cleaned segment's index.
class CleanedTransactionMetadata {
 public:
  void add_aborted_transactions(const std::vector<AbortedTxn>& txns);
  /// Where aborted transactions whose marker stays are noted; null: nowhere.
  void set_cleaned_index(TransactionIndex* index) { cleaned_index_ = index; }

  /// Of a data batch: it belongs to an aborted transaction. Of a marker: nothing that it decides
  /// was seen. `batch` must have its records when it is a control batch.
  bool may_discard(const RecordBatch& batch);

 private:
  struct Aborted {
    AbortedTxn txn;
    bool batch_seen = false;
  };
  struct LaterFirst {
    bool operator()(const AbortedTxn& a, const AbortedTxn& b) const {
      return a.first_offset > b.first_offset;
    }
  };

  bool may_discard_marker(const RecordBatch& batch);
  bool may_discard_data(const RecordBatch& batch);
  void begin_aborted_up_to(Offset offset);

  std::priority_queue<AbortedTxn, std::vector<AbortedTxn>, LaterFirst> upcoming_;
  std::map<ProducerId, Aborted> aborted_;
  std::set<ProducerId> committed_;  // with a batch seen
  TransactionIndex* cleaned_index_ = nullptr;
};

}  // namespace kafkascope

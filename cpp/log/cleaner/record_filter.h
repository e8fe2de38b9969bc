// RecordFilter: what compaction keeps of a batch.
#pragma once

#include <map>
#include <vector>

#include "log/cleaner/cleaned_transaction_metadata.h"
#include "log/cleaner/cleaner_stats.h"
#include "log/cleaner/skimpy_offset_map.h"
#include "record/record_iterator.h"

namespace kafkascope {

/// What the log still knows of a producer: its last batch must not go.
struct LastRecord {
  Offset last_data_offset = kNoOffset;  // kNoOffset: only a marker is known
  ProducerEpoch producer_epoch = kNoProducerEpoch;
};

/// Kafka's cleaner filter and MemoryRecords.filterTo. A record stays while no later one has its
/// key. A tombstone (no value) that is the last of its key, and a marker of a transaction that is
/// gone, stay until the delete horizon of their batch (KIP-534), which the first cleaning that
/// meets them sets.
class RecordFilter {
 public:
  struct Options {
    const SkimpyOffsetMap& map;
    TimestampMs now = 0;
    int64_t delete_retention_ms = 0;
    /// Formats 0 and 1 know no horizon: whether their tombstones stay depends on their file's age.
    bool retain_legacy_deletes = true;
    const std::map<ProducerId, LastRecord>& last_records;
  };

  RecordFilter(Options options, CleanedTransactionMetadata& transactions, CleanerStats& stats)
      : options_(options), transactions_(transactions), stats_(stats) {}

  /// Appends what is kept to `out`: the same bytes, fewer records, an empty batch that keeps its
  /// producer's state, or nothing.
  void filter(const RecordBatch& batch, ByteBuffer& out);

 private:
  bool is_last_of_producer(const RecordBatch& batch) const;
  void read(RecordIterator& records);
  bool keeps(const RecordBatch& batch, const RecordView& record, const SkimpyOffsetMap::Key& key);
  bool keeps_tombstones_of(const RecordBatch& batch) const;
  ByteBuffer rebuild(const RecordBatch& batch, std::optional<TimestampMs> delete_horizon) const;
  static ByteBuffer emptied(const RecordBatch& batch);

  const Options options_;
  CleanedTransactionMetadata& transactions_;
  CleanerStats& stats_;
  // Of the batch at hand.
  std::vector<std::pair<RecordView, SkimpyOffsetMap::Key>> records_;
  std::vector<const RecordView*> kept_;
  ByteBuffer buffer_;  // for decompression, used again
};

}  // namespace kafkascope

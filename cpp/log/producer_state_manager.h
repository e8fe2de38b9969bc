// ProducerStateManager: the idempotent and transactional producers of one log.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "log/producer_append_info.h"
#include "runtime/node.h"

namespace kafkascope {

/// Kafka's ProducerStateManager: the state at map_end_offset(), rebuilt at start from the latest
/// snapshot and the records after it. Under the log's lock.
class ProducerStateManager {
 public:
  ProducerStateManager(Node& node, TopicPartition partition, std::string dir,
                       int64_t producer_id_expiration_ms);

  /// What the batches of an append may change; prepared for one producer.
  ProducerAppendInfo prepare_update(ProducerId producer, AppendOrigin origin) const;
  void update(const ProducerAppendInfo& info);
  /// State is of all records below the offset.
  void update_map_end_offset(Offset offset) { map_end_offset_ = offset; }
  /// The transaction stays unreplicated until the high watermark passes its marker.
  void complete_txn(const CompletedTxn& txn);
  /// Null when nothing is known.
  const ProducerStateEntry* last_entry(ProducerId producer) const;
  const std::map<ProducerId, ProducerStateEntry>& active_producers() const { return producers_; }
  Offset map_end_offset() const { return map_end_offset_; }

  /// The first offset that a read_committed fetch must not reach: of the earliest transaction that
  /// is open, or whose marker is above the high watermark.
  std::optional<LogOffsetMetadata> first_unstable_offset() const;
  std::optional<Offset> first_undecided_offset() const;
  /// What the last stable offset is while this transaction completes.
  Offset last_stable_offset(const CompletedTxn& completed) const;
  void on_high_watermark_updated(Offset high_watermark);

  /// Forgets producers that wrote nothing for producer.id.expiration.ms and have no open
  /// transaction.
  int remove_expired_producers(TimestampMs now);

  // Snapshots.
  /// Writes OFFSET.snapshot at the map end, durably, unless it is there.
  void take_snapshot();
  /// Starts from the newest sound snapshot in [log start, log end]; removes those outside.
  void truncate_and_reload(Offset log_start_offset, Offset log_end_offset, TimestampMs now);
  void truncate_fully_and_start_at(Offset offset);
  /// Before a log start: producers stay known, and so do open transactions, which may have records
  /// above it too. Decided ones that are gone do not.
  void on_log_start_offset_incremented(Offset log_start_offset);
  /// Removes snapshots that no segment starts with, except the newest.
  void remove_stray_snapshots(const std::vector<Offset>& segment_base_offsets);
  void delete_snapshots_before(Offset offset);
  std::optional<Offset> latest_snapshot_offset() const;
  std::optional<Offset> oldest_snapshot_offset() const;
  const std::map<Offset, std::string>& snapshots() const { return snapshots_; }
  void set_dir(std::string dir);

 private:
  void load_snapshot_names();
  bool load_snapshot(Offset offset, TimestampMs now);
  void remove_snapshot(Offset offset);
  void clear();

  Node& node_;
  const TopicPartition partition_;
  std::string dir_;
  const int64_t expiration_ms_;
  std::map<ProducerId, ProducerStateEntry> producers_;
  std::map<Offset, TxnMetadata> ongoing_;       // by first offset
  std::map<Offset, TxnMetadata> unreplicated_;  // decided, marker not below the high watermark
  std::map<Offset, std::string> snapshots_;     // offset -> path
  Offset map_end_offset_ = 0;
  std::optional<Offset> last_snapshot_;
};

}  // namespace kafkascope

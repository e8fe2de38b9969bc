// LogSegment: a .log file with its indexes, from its base offset to that of the next one.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "log/fetch_data_info.h"
#include "log/file_records.h"
#include "log/offset_index.h"
#include "log/time_index.h"
#include "log/transaction_index.h"

namespace kafkascope {

class LeaderEpochFileCache;
class ProducerStateManager;
struct CompletedTxn;
struct LogConfig;

/// When a segment is full.
struct RollParams {
  int64_t max_segment_ms = 0;
  int32_t max_segment_bytes = 0;
  TimestampMs max_timestamp_in_messages = kNoTimestamp;
  Offset max_offset_in_messages = 0;
  int32_t messages_size = 0;
  TimestampMs now = 0;
};

/// Kafka's LogSegment. Changed under the log's lock; reads may run meanwhile.
class LogSegment {
 public:
  /// Opens the segment's files, or makes them. `suffix` comes after their names (".cleaned").
  LogSegment(Node& node, const std::string& dir, Offset base_offset, const LogConfig& config,
             int64_t roll_jitter_ms, bool preallocate, const std::string& suffix = {});
  LogSegment(const LogSegment&) = delete;
  LogSegment& operator=(const LogSegment&) = delete;

  Offset base_offset() const { return base_offset_; }
  int32_t size() const { return records_.size_in_bytes(); }
  const OffsetIndex& offset_index() const { return offset_index_; }
  const TimeIndex& time_index() const { return time_index_; }
  const TransactionIndex& txn_index() const { return txn_index_; }
  TransactionIndex& txn_index() { return txn_index_; }
  const FileRecords& records() const { return records_; }
  /// "/data/a-0/00000000000000000042.log"
  const std::string& path() const { return path_; }

  /// Whole batches with final offsets, in one write.
  void append(ByteView records);
  bool should_roll(const RollParams& params) const;
  /// An aborted transaction gets its entry.
  void update_txn_index(const CompletedTxn& txn, Offset last_stable_offset);

  /// Up to max_position; nothing when the segment ends before the offset.
  std::optional<FetchDataInfo> read(Offset start_offset, int32_t max_length,
                                    SegmentPosition max_position, bool min_one_message) const;
  /// The batch that holds the offset, or the next one.
  std::optional<LogOffsetPosition> translate_offset(Offset offset) const;
  std::optional<TimestampAndOffset> find_offset_by_timestamp(TimestampMs timestamp,
                                                             Offset start_offset) const;
  /// The largest one of any batch; kNoTimestamp without any.
  TimestampMs max_timestamp_so_far() const {
    return max_timestamp_.load(std::memory_order_relaxed);
  }
  /// Of the first batch; kNoTimestamp without any. Reads the file.
  TimestampMs first_batch_timestamp() const;
  /// The largest record timestamp, or when the file was last written (formats without timestamps).
  TimestampMs largest_timestamp() const;
  /// One above the last record.
  Offset read_next_offset() const;

  /// Walks the batches from the start, truncates at the first one that is not sound, and builds the
  /// indexes anew. Producers and epochs learn each batch. Returns the bytes cut off.
  int32_t recover(ProducerStateManager& producers, LeaderEpochFileCache& epochs);
  /// Empty when the indexes may be trusted, else what is wrong.
  std::string sanity_check() const;
  /// Empty when the file ends with a whole batch: zeros may follow it when a crash brought back
  /// what was preallocated.
  std::string tail_check() const;
  /// Drops batches that reach the offset. Returns the bytes cut off.
  int32_t truncate_to(Offset offset);

  /// It is written from now on: room in the indexes.
  void on_become_active();
  /// No more appends: the last time index entry, and trimmed files.
  void on_become_inactive();
  void flush();
  /// Nobody appends: the indexes are mapped again when somebody looks.
  void release_indexes();
  void close();
  /// "x.log.cleaned" -> "x.log.swap". The paths it has now.
  std::vector<std::string> change_file_suffixes(const std::string& from, const std::string& to);
  /// The partition's directory was renamed.
  void update_dir(const std::string& dir) { set_paths(dir, {}); }
  /// Wall-clock milliseconds of the last write to the file.
  int64_t last_modified() const { return node_.files().modified_ms(path_); }
  void set_last_modified(int64_t modified_ms);
  void delete_files();

 private:
  /// Does the entry point at a batch that it can be of? A bit of an index may rot.
  bool is_sound(const OffsetPosition& entry) const;
  bool is_sound(const TimestampOffset& entry) const;
  /// Would a recovery keep every byte? Reads all.
  bool data_are_sound() const;
  /// Where a walk to the offset begins.
  SegmentPosition scan_start(Offset offset) const;
  void read_max_timestamp();
  void add_index_entries(const RecordBatch& batch, SegmentPosition position);
  void note_timestamp(const RecordBatch& batch);
  std::vector<std::string> paths() const;
  void set_paths(const std::string& dir, const std::string& suffix);

  Node& node_;
  std::string path_;
  const Offset base_offset_;
  const int32_t index_interval_bytes_;
  const int64_t max_index_size_;
  const int64_t roll_jitter_ms_;
  const TimestampMs created_ms_;
  FileRecords records_;
  OffsetIndex offset_index_;
  TimeIndex time_index_;
  TransactionIndex txn_index_;
  std::atomic<bool> active_{true};  // appended to, as far as it knows
  int64_t bytes_since_last_index_entry_ = 0;
  std::atomic<TimestampMs> max_timestamp_{kNoTimestamp};
  Offset offset_of_max_timestamp_ = kNoOffset;
  mutable std::optional<TimestampMs> first_timestamp_;  // of the first batch: rolls by time
};

}  // namespace kafkascope

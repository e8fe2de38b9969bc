// Log: one partition's records on disk, as a sequence of segments (Kafka's UnifiedLog).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/errors.h"
#include "common/uuid.h"
#include "log/fetch_data_info.h"
#include "log/log_append_info.h"
#include "log/log_config.h"
#include "runtime/threads.h"

namespace kafkascope {

struct AbortedTxn;
class LeaderEpochFileCache;
class LogDirFailureChannel;
class LogSegment;
class LogSegments;
struct ProducerStateEntry;
class ProducerStateManager;
struct EpochEntry;
struct LogDescription;

/// What Log::open needs to know.
struct LogOpenOptions {
  std::string dir;  // of the partition: "/data/flights-0"
  std::shared_ptr<const LogConfig> config;
  Offset log_start_offset = 0;      // from log-start-offset-checkpoint
  Offset recovery_point = 0;        // from recovery-point-offset-checkpoint
  bool had_clean_shutdown = false;  // then nothing is recovered
  int64_t producer_id_expiration_ms = 86'400'000;
  LogDirFailureChannel* log_dir_failure_channel = nullptr;  // told of I/O errors
};

/// Appends are serialized by the log's lock; reads take it only for a moment, if at all. Any thread
/// may call anything. I/O errors throw KafkaStorageException, after the log directory was reported
/// offline. Offsets: log start <= last stable <= high watermark <= log end.
class Log {
 public:
  /// Loads the directory (made when absent) and recovers it unless it was shut down cleanly.
  static std::shared_ptr<Log> open(Node& node, LogOpenOptions options);
  ~Log();

  // What it is.
  const TopicPartition& topic_partition() const { return topic_partition_; }
  std::string dir() const;
  /// The log directory that it lies in: "/data".
  const std::string& parent_dir() const { return parent_dir_; }
  std::shared_ptr<const LogConfig> config() const;
  void update_config(std::shared_ptr<const LogConfig> config);
  std::optional<Uuid> topic_id() const;
  /// Writes partition.metadata. Throws KafkaException(INCONSISTENT_TOPIC_ID) if it has another one.
  void assign_topic_id(const Uuid& topic_id);

  // Append.
  /// Validates the batches, gives them offsets and the leader's epoch in place, and writes them.
  /// `records` must be in memory that nobody else reads meanwhile: a request's frame.
  LogAppendInfo append_as_leader(const SharedSlice& records, LeaderEpoch leader_epoch,
                                 AppendOrigin origin = AppendOrigin::kClient);
  /// Writes batches with the offsets and epochs that they have.
  LogAppendInfo append_as_follower(const SharedSlice& records);

  // Read.
  /// From the batch that holds start_offset, at most max_length bytes; with min_one_message at
  /// least the first batch. OFFSET_OUT_OF_RANGE below the log start or beyond the log end.
  Result<FetchDataInfo> read(Offset start_offset, int32_t max_length, FetchIsolation isolation,
                             bool min_one_message);
  /// -1 latest (log end), -2 earliest, -3 the largest timestamp, else the first record with that
  /// timestamp or a later one. Nothing when there is none.
  std::optional<TimestampAndOffset> fetch_offset_by_timestamp(TimestampMs timestamp);
  /// Where a position in the log is: segment and byte. OFFSET_OUT_OF_RANGE as read.
  Result<LogOffsetMetadata> convert_to_offset_metadata(Offset offset);

  // Offsets.
  Offset log_start_offset() const { return log_start_offset_.load(std::memory_order_acquire); }
  Offset log_end_offset() const { return log_end_offset_.load(std::memory_order_acquire); }
  Offset recovery_point() const { return recovery_point_.load(std::memory_order_acquire); }
  Offset high_watermark() const { return offset_snapshot().high_watermark.message_offset; }
  Offset last_stable_offset() const { return offset_snapshot().last_stable_offset.message_offset; }
  LogOffsetMetadata log_end_offset_metadata() const { return offset_snapshot().log_end_offset; }
  LogOffsetSnapshot offset_snapshot() const;
  /// Sets it, within [log start, log end]; returns what it became. For followers, and for leaders
  /// that start.
  Offset update_high_watermark(Offset high_watermark);
  /// Raises it if the new one is larger (or equal, on a newer segment); returns the old one if so.
  std::optional<LogOffsetMetadata> maybe_increment_high_watermark(const LogOffsetMetadata& next);
  /// False when it is not larger. Throws KafkaException(OFFSET_OUT_OF_RANGE) above the HW.
  bool maybe_increment_log_start_offset(Offset offset, const char* reason);
  /// DeleteRecords: -1 means the high watermark. The new log start offset.
  Result<Offset> delete_records(Offset before);

  // Leader epochs.
  std::optional<LeaderEpoch> latest_epoch() const;
  /// The largest epoch <= the asked one and its end offset (KIP-101, KIP-279).
  std::optional<EpochEntry> end_offset_for_epoch(LeaderEpoch epoch) const;
  void maybe_assign_epoch_start_offset(LeaderEpoch epoch, Offset start_offset);

  // Upkeep: what LogManager's tasks and a follower do.
  /// Starts a new segment at the log end (or at a larger expected offset).
  void roll(std::optional<Offset> expected_next_offset = std::nullopt);
  /// Makes everything below the offset (the log end) durable and moves the recovery point there.
  void flush(std::optional<Offset> upto = std::nullopt);
  /// The segments that were rolled since the last flush: a recovery then reads the last one only.
  void flush_rolled();
  /// flush.ms has passed since the last flush.
  bool needs_flush() const;
  /// Drops everything from the offset on (a batch that holds it goes whole). False when there was
  /// nothing. The recovery point must be checkpointed before the next append: LogManager's
  /// truncate_to does both.
  bool truncate_to(Offset offset);
  /// Drops everything; the next record gets the offset.
  void truncate_fully_and_start_at(Offset offset);
  /// Removes segments that retention.ms, retention.bytes or the log start offset free; their files
  /// are renamed to .deleted. How many segments.
  int delete_old_segments();
  /// Removes .deleted files whose file.delete.delay.ms has passed.
  void delete_expired_files();
  void remove_expired_producers();
  /// What is known of each idempotent or transactional producer, by id.
  std::vector<ProducerStateEntry> active_producers() const;
  /// A snapshot of the producers' state at the log end, as at a clean shutdown.
  void take_producer_snapshot();
  /// Snapshot, flush, trimmed indexes: what a clean shutdown leaves. Appends throw afterwards.
  void close();
  /// Removes the whole directory; appends throw afterwards.
  void remove();
  /// The partition's directory gets another name within the log directory ("-delete").
  void rename_dir(const std::string& name);
  /// Makes the name of the partition's directory durable.
  void sync_parent_dir();

  // Compaction: what the cleaner sees and does.
  /// The segments that may hold offsets of [from, to).
  std::vector<std::shared_ptr<const LogSegment>> segments_between(Offset from, Offset to) const;
  Offset active_base_offset() const;
  /// Aborted transactions that overlap [from, to).
  std::vector<AbortedTxn> collect_aborted_transactions(Offset from, Offset to) const;
  /// The cleaned segment (files "x.log.cleaned", durable) takes the place of the old ones, by way
  /// of ".swap": a crash leaves the old ones or the new one. Old ones that are gone by now are left
  /// out.
  void replace_segments(const std::shared_ptr<LogSegment>& cleaned,
                        const std::vector<std::shared_ptr<const LogSegment>>& old);
  /// Where a swap began that a crash had cut short and the load has finished: segments behind it
  /// may be there uncleaned.
  std::optional<Offset> swapped_from() const { return swapped_from_; }

  // For eyes.
  int64_t size() const;
  int number_of_segments() const;
  std::vector<std::shared_ptr<const LogSegment>> segments() const;
  LogDescription describe() const;

 private:
  friend class LogLoader;
  struct PendingDelete {
    std::vector<std::string> paths;
    int64_t due_ms;
  };

  Log(Node& node, LogOpenOptions options);
  void load(LogOpenOptions options);
  /// Runs fn; an I/O error takes the log directory offline and is thrown on.
  template <typename Function>
  auto guard_io(Function fn) const KS_NO_THREAD_SAFETY_ANALYSIS;
  void report_io_error(const KafkaStorageException& e) const;
  void check_open() const KS_REQUIRES(mutex_);

  // log_append.cpp
  struct Analyzed;
  struct ProducerUpdates;
  LogAppendInfo append(const SharedSlice& records, LeaderEpoch leader_epoch, AppendOrigin origin,
                       bool assign_offsets);
  Analyzed analyze(const SharedSlice& records, AppendOrigin origin) const;
  LogAppendInfo append_analyzed(Analyzed analyzed, LeaderEpoch leader_epoch, AppendOrigin origin,
                                bool assign_offsets) KS_REQUIRES(mutex_);
  void check_sizes(const SharedSlice& records) const;
  void check_follower_offsets(const LogAppendInfo& info) const;
  /// False when the append is a duplicate: `info` then has the offsets of the first time.
  bool prepare_producers(const SharedSlice& records, AppendOrigin origin, LogAppendInfo& info,
                         ProducerUpdates& updates) KS_REQUIRES(mutex_);
  void write(const SharedSlice& records, LogAppendInfo& info, ProducerUpdates& updates)
      KS_REQUIRES(mutex_);
  std::shared_ptr<LogSegment> maybe_roll(const LogAppendInfo& info, size_t size)
      KS_REQUIRES(mutex_);
  std::shared_ptr<LogSegment> roll_locked(Offset new_base) KS_REQUIRES(mutex_);
  int64_t next_jitter() KS_REQUIRES(mutex_);

  // log_flush.cpp
  struct FlushPlan;
  void flush_locked(Offset upto) KS_REQUIRES(mutex_);
  FlushPlan plan_flush(Offset upto) KS_REQUIRES(mutex_);
  void finish_flush(const FlushPlan& plan) KS_REQUIRES(mutex_);

  // log_offsets.cpp
  void set_log_end(const LogOffsetMetadata& end) KS_REQUIRES(mutex_);
  void set_high_watermark(LogOffsetMetadata next) KS_REQUIRES(mutex_);
  void set_log_start(Offset offset) KS_REQUIRES(mutex_);
  void update_first_unstable_offset() KS_REQUIRES(mutex_);
  LogOffsetMetadata locate(Offset offset) const;
  Offset high_watermark_locked() const;

  // log_retention.cpp
  using DueForDeletion = std::function<bool(const LogSegment&, Offset next_base)>;
  int delete_segments_while(const char* reason, const DueForDeletion& due) KS_REQUIRES(mutex_);
  void remove_segments(const std::vector<std::shared_ptr<LogSegment>>& segments, const char* reason)
      KS_REQUIRES(mutex_);
  void delete_later(std::vector<std::string> paths) KS_REQUIRES(mutex_);
  void reload_producers(Offset end) KS_REQUIRES(mutex_);
  void add_segment(Offset base_offset) KS_REQUIRES(mutex_);

  Node& node_;
  const std::string parent_dir_;
  const TopicPartition topic_partition_;
  LogDirFailureChannel* const log_dir_failure_channel_;

  // Lock order: mutex_, then offsets_mutex_ (held for copies only).
  mutable Mutex mutex_;
  mutable Mutex offsets_mutex_;
  std::string dir_ KS_GUARDED_BY(offsets_mutex_);
  std::shared_ptr<const LogConfig> config_ KS_GUARDED_BY(offsets_mutex_);
  std::optional<Uuid> topic_id_ KS_GUARDED_BY(offsets_mutex_);
  LogOffsetMetadata end_ KS_GUARDED_BY(offsets_mutex_);
  LogOffsetMetadata high_watermark_ KS_GUARDED_BY(offsets_mutex_);
  std::optional<LogOffsetMetadata> first_unstable_ KS_GUARDED_BY(offsets_mutex_);
  std::atomic<Offset> log_start_offset_;
  std::atomic<Offset> log_end_offset_{0};
  std::atomic<Offset> recovery_point_;
  std::atomic<int64_t> last_flush_ms_;
  /// The first segment that was rolled since the last flush: its trimmed files are not durable.
  std::atomic<Offset> rolled_unflushed_from_{INT64_MAX};

  const std::unique_ptr<LogSegments> segments_;         // has its own lock
  const std::unique_ptr<LeaderEpochFileCache> epochs_;  // has its own lock
  const std::unique_ptr<ProducerStateManager> producers_ KS_GUARDED_BY(mutex_);
  std::optional<Offset> swapped_from_;  // set by load
  std::vector<PendingDelete> pending_deletes_ KS_GUARDED_BY(mutex_);
  RandomStream jitter_ KS_GUARDED_BY(mutex_);
  uint64_t truncations_ KS_GUARDED_BY(mutex_) = 0;
  bool closed_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope

// MemoryRecordsBuilder: makes one batch, record by record (of any message format).
#pragma once

#include <span>

#include "record/control_record.h"
#include "record/record_batch.h"

namespace kafkascope {

/// Kafka's MemoryRecordsBuilder. Records go straight into the batch's buffer; a codec runs once, in
/// close(). Not for several threads at once.
class MemoryRecordsBuilder {
 public:
  struct Options {
    int8_t magic = 2;
    CompressionType compression = CompressionType::kNone;
    std::optional<int> level;  // the codec's default when not given
    TimestampType timestamp_type = TimestampType::kCreateTime;
    Offset base_offset = 0;
    TimestampMs log_append_time = kNoTimestamp;  // with kLogAppendTime
    ProducerId producer_id = kNoProducerId;
    ProducerEpoch producer_epoch = kNoProducerEpoch;
    int32_t base_sequence = kNoSequence;
    bool transactional = false;
    bool control = false;
    LeaderEpoch partition_leader_epoch = kNoLeaderEpoch;
    std::optional<TimestampMs> delete_horizon_ms;
    size_t write_limit = SIZE_MAX;  // has_room_for says no beyond it
  };

  /// `buffer` may be a used one, whose memory is taken over.
  explicit MemoryRecordsBuilder(Options options, ByteBuffer buffer = {});

  /// Adds a record at the next offset and returns that. Headers need format 2.
  Offset append(TimestampMs timestamp, std::optional<ByteView> key, std::optional<ByteView> value,
                std::span<const HeaderView> headers = {});
  /// As append, at an offset of one's own, larger than the last.
  void append_with_offset(Offset offset, TimestampMs timestamp, std::optional<ByteView> key,
                          std::optional<ByteView> value, std::span<const HeaderView> headers = {});
  /// The batch must be a control batch. `value` is an encoded message: of a marker, or one of
  /// KRaft's (protocol::LeaderChangeMessage, SnapshotHeaderRecord, ...).
  Offset append_control_record(TimestampMs timestamp, ControlRecordType type, ByteView value);
  /// The batch must be a transactional control batch.
  Offset append_end_txn_marker(TimestampMs timestamp, const EndTransactionMarker& marker);

  /// The first record always fits.
  bool has_room_for(std::optional<ByteView> key, std::optional<ByteView> value,
                    std::span<const HeaderView> headers = {}) const;
  /// An upper bound of what one record adds to a batch, its header included.
  static size_t estimate_size_upper_bound(std::optional<ByteView> key,
                                          std::optional<ByteView> value,
                                          std::span<const HeaderView> headers = {});

  int32_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// Bytes that close() would give without a codec, which is the memory that the batch takes until
  /// then. Kafka compresses as it appends, and guesses what it will gain.
  size_t uncompressed_size() const { return plain_.size(); }
  TimestampMs max_timestamp() const { return max_timestamp_; }
  const Options& options() const { return options_; }
  /// Idempotent producers learn these only when a batch is drained.
  void set_producer_state(ProducerId id, ProducerEpoch epoch, int32_t base_sequence,
                          bool transactional);

  /// The batch. `last_offset`, of format 2, keeps a place for records that compaction removed from
  /// its end. close_empty() makes an empty one of format 2 that keeps its offsets.
  ByteBuffer close(std::optional<Offset> last_offset = std::nullopt);
  static ByteBuffer close_empty(const Options& options, Offset last_offset);

 private:
  void append_v2(int32_t offset_delta, TimestampMs timestamp, std::optional<ByteView> key,
                 std::optional<ByteView> value, std::span<const HeaderView> headers);
  void append_old(Offset offset, TimestampMs timestamp, std::optional<ByteView> key,
                  std::optional<ByteView> value);
  ByteBuffer close_old();
  static void write_header(ByteBuffer& batch, const Options& options, int32_t last_offset_delta,
                           TimestampMs base_timestamp, TimestampMs max_timestamp, int32_t count);

  Options options_;
  ByteBuffer plain_;  // format 2: room for the header, then the records; others: messages
  int32_t count_ = 0;
  Offset last_offset_ = kNoOffset;
  TimestampMs base_timestamp_ = kNoTimestamp;
  TimestampMs max_timestamp_ = kNoTimestamp;
};

}  // namespace kafkascope

// RecordBatch: a view of one batch of any message format (0, 1 and 2). docs/formats/record-batch.md
// has the layouts.
#pragma once

#include <optional>

#include "common/errors.h"
#include "record/compression_type.h"
#include "record/record_view.h"

namespace kafkascope {

enum class TimestampType : int8_t { kNone = -1, kCreateTime = 0, kLogAppendTime = 1 };

/// Byte positions in a v2 batch.
namespace batch_v2 {
inline constexpr size_t kBaseOffset = 0;
inline constexpr size_t kLength = 8;
inline constexpr size_t kPartitionLeaderEpoch = 12;
inline constexpr size_t kMagic = 16;  // the same place in all formats
inline constexpr size_t kCrc = 17;
inline constexpr size_t kAttributes = 21;
inline constexpr size_t kLastOffsetDelta = 23;
inline constexpr size_t kBaseTimestamp = 27;
inline constexpr size_t kMaxTimestamp = 35;
inline constexpr size_t kProducerId = 43;
inline constexpr size_t kProducerEpoch = 51;
inline constexpr size_t kBaseSequence = 53;
inline constexpr size_t kCount = 57;
inline constexpr size_t kHeaderSize = 61;
}  // namespace batch_v2

/// Bytes before the length counts: base offset and the length itself.
inline constexpr size_t kLogOverhead = 12;
/// The smallest batch of any format: an empty v0 message.
inline constexpr size_t kSmallestBatch = 26;

/// Owns nothing. The bytes must be one whole batch, as MemoryRecords hands it out; header accessors
/// do not check more. In formats 0 and 1 a "batch" is one message, perhaps a wrapper around
/// compressed ones.
class RecordBatch {
 public:
  explicit RecordBatch(ByteView bytes) : bytes_(bytes) {}

  /// Size of the batch that starts here: nothing when there are too few bytes to tell; less than
  /// kSmallestBatch means the length is broken.
  static std::optional<int64_t> size_at(ByteView bytes);

  ByteView bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  int8_t magic() const { return static_cast<int8_t>(bytes_[batch_v2::kMagic]); }

  /// First offset. For a compressed wrapper of format 0 or 1, which carries its last one, the inner
  /// records decide.
  Offset base_offset() const;
  Offset last_offset() const;
  Offset next_offset() const { return wrapping_add(last_offset(), 1); }
  uint32_t crc() const;
  CompressionType compression() const { return static_cast<CompressionType>(attributes() & 7); }
  TimestampType timestamp_type() const;
  /// Of format 2 and 1; kNoTimestamp for format 0.
  TimestampMs max_timestamp() const;
  TimestampMs base_timestamp() const;
  /// Format 2 only; the others have none of these.
  ProducerId producer_id() const;
  ProducerEpoch producer_epoch() const;
  int32_t base_sequence() const;
  int32_t last_sequence() const;
  LeaderEpoch partition_leader_epoch() const;
  bool is_transactional() const { return magic() >= 2 && (attributes() & 0x10) != 0; }
  bool is_control() const { return magic() >= 2 && (attributes() & 0x20) != 0; }
  bool has_producer_id() const { return producer_id() > kNoProducerId; }
  /// When a compacted tombstone may go (KIP-534): the base timestamp then has another meaning.
  std::optional<TimestampMs> delete_horizon_ms() const;
  /// Format 2: what the header says; others: 1, or unknown (-1) for a wrapper.
  int32_t count() const;

  bool is_checksum_valid() const;

  /// What a broker checks before it takes a batch from a client: size, checksum, counts, each
  /// record's lengths and deltas. `deep` also reads compressed records. kCorruptMessage or
  /// kInvalidRecord with the reason.
  Result<int32_t> validate(bool deep) const;

 private:
  int16_t attributes() const;

  ByteView bytes_;
};

/// Changes in the header of a batch that lies in writable memory, with the checksum made right
/// again: what the leader does to a batch on its way to the log.
class MutableRecordBatch {
 public:
  explicit MutableRecordBatch(MutableByteView bytes) : bytes_(bytes) {}

  RecordBatch view() const { return RecordBatch(bytes_); }
  /// The last offset of the batch becomes `last`. Not under the checksum in format 2.
  void set_last_offset(Offset last);
  void set_partition_leader_epoch(LeaderEpoch epoch);
  void set_max_timestamp(TimestampType type, TimestampMs timestamp);
  /// Format 2 only: an idempotent producer numbers a batch anew.
  void set_producer_state(ProducerId id, ProducerEpoch epoch, int32_t base_sequence);

 private:
  void put(size_t at, uint64_t value, size_t width);

  MutableByteView bytes_;
};

/// Sequence numbers wrap from 2^31 - 1 to 0.
int32_t increment_sequence(int32_t sequence, int32_t by);

}  // namespace kafkascope

// RecordIterator: the records of one batch, in order, decompressed once where they must be.
#pragma once

#include "record/record_batch.h"

namespace kafkascope {

/// Reads one record per next(). For an uncompressed batch nothing is copied; the views point into
/// the batch. For a compressed one they point into the iterator, and hold as long as it. Throws
/// SerializationException for a record that does not follow its format,
/// KafkaException(CORRUPT_MESSAGE) for what a codec refuses and for a message in a wrapper (formats
/// 0 and 1) whose own checksum is wrong.
class RecordIterator {
 public:
  /// `buffer` may be a used one (take_buffer()), whose memory is taken over.
  explicit RecordIterator(const RecordBatch& batch, ByteBuffer buffer = {});
  RecordIterator(const RecordIterator&) = delete;
  RecordIterator& operator=(const RecordIterator&) = delete;

  /// False after the last one.
  bool next(RecordView& record);
  /// The decompressed bytes, to keep views alive beyond the iterator, or for the next one to
  /// reuse.
  ByteBuffer take_buffer() { return std::move(buffer_); }

 private:
  bool next_v2(RecordView& record);
  bool next_old(RecordView& record);
  void open_wrapper();

  RecordBatch batch_;
  ByteBuffer buffer_;
  ByteReader reader_;
  int32_t left_ = 0;  // format 2
  // The batch's header, read once.
  Offset base_offset_ = 0;
  TimestampMs base_timestamp_ = kNoTimestamp;
  std::optional<TimestampMs> log_append_time_;
  int32_t base_sequence_ = kNoSequence;
  Offset relative_base_ = 0;  // added to the inner offsets of a format 1 wrapper
};

}  // namespace kafkascope

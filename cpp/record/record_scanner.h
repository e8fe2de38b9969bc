// RecordScanner: what a validator asks of compressed records, without keeping their bytes.
#pragma once

#include <memory>

#include "record/decompressor.h"
#include "record/record_batch.h"

namespace kafkascope {

/// A record without its key, value and headers.
struct RecordOutline {
  Offset offset = 0;
  TimestampMs timestamp = kNoTimestamp;
  bool has_key = false;
};

/// Reads the records of a compressed batch of format 2 through a window of 64 KiB, whatever they
/// expand to (Kafka's skipKeyValueIterator). Their structure is checked as RecordIterator does,
/// with the same exceptions; more than kMaxDecompressedSize bytes in all are CORRUPT_MESSAGE.
class RecordScanner {
 public:
  explicit RecordScanner(const RecordBatch& batch);

  /// False after the last one.
  bool next(RecordOutline& record);

 private:
  void refill();
  uint8_t read_byte();
  uint64_t read_unsigned_varint(int bits);
  int32_t read_varint();
  int64_t read_varlong();
  /// Of a key, value or header; -1 is null where that may be.
  bool skip_field(bool nullable);
  void skip(uint64_t count);
  void skip_headers();
  [[noreturn]] void fail(const char* what) const;

  const RecordBatch batch_;
  const std::unique_ptr<Decompressor> plain_;
  ByteBuffer window_;
  size_t begin_ = 0, end_ = 0;  // of what is in the window and unread
  uint64_t produced_ = 0;       // bytes decompressed so far
  uint64_t left_in_record_ = 0;
  int32_t records_left_;
  const Offset base_offset_;
  const TimestampMs base_timestamp_;
  const bool log_append_time_;
};

}  // namespace kafkascope

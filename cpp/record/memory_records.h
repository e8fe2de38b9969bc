// MemoryRecords: batches one after another in memory (once ByteBufferMessageSet).
#pragma once

#include <iterator>

#include "record/record_batch.h"
#include "record/record_iterator.h"

namespace kafkascope {

/// A slice of bytes read as batches, without copying. A batch that is cut off at the end is not
/// handed out: fetches end so. Cheap to copy.
class MemoryRecords {
 public:
  MemoryRecords() = default;
  explicit MemoryRecords(SharedSlice bytes) : bytes_(std::move(bytes)) {}

  const SharedSlice& slice() const { return bytes_; }
  size_t size() const { return bytes_.size(); }

  class Iterator {
   public:
    Iterator(ByteView rest) : rest_(rest) { find(); }  // NOLINT
    RecordBatch operator*() const { return RecordBatch(rest_.first(size_)); }
    Iterator& operator++() {
      rest_ = rest_.subspan(size_);
      find();
      return *this;
    }
    bool operator!=(std::default_sentinel_t) const { return size_ != 0; }

   private:
    void find();
    ByteView rest_;
    size_t size_ = 0;
  };
  /// Throws KafkaException(CORRUPT_MESSAGE) at a batch whose length is impossible.
  Iterator begin() const { return Iterator(bytes_.view()); }
  std::default_sentinel_t end() const { return {}; }

  /// Bytes of the whole batches; what follows is cut off.
  size_t valid_bytes() const;
  /// Calls fn(const RecordBatch&, const RecordView&) for every record. Compressed batches share one
  /// buffer: a record's views hold during its call.
  template <typename Function>
  void for_each_record(Function fn) const {
    ByteBuffer buffer;
    for (const RecordBatch& batch : *this) {
      RecordIterator records(batch, std::move(buffer));
      for (RecordView record; records.next(record);) fn(batch, record);
      buffer = records.take_buffer();
    }
  }

 private:
  SharedSlice bytes_;
};

}  // namespace kafkascope

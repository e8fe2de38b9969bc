// FileRecords: the batches in a segment's .log file (once FileMessageSet).
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "log/fetch_data_info.h"
#include "record/record_batch.h"
#include "runtime/file_slice.h"

namespace kafkascope {

class Node;

/// A batch in a file. The view holds the header's bytes only, until the reader's next call: ask it
/// for what stands in the header, and load() for the rest.
struct FileBatch {
  SegmentPosition position = 0;
  int32_t size = 0;
  RecordBatch header{ByteView()};

  SegmentPosition end() const { return position + size; }
};

/// Walks the batches of a file, a chunk of at most chunk_size at a time.
class FileBatchReader {
 public:
  FileBatchReader(File& file, int64_t begin, int64_t end, size_t chunk_size = 4096);

  /// The next batch; nothing at the end or where the last one is cut off. Throws
  /// KafkaException(CORRUPT_MESSAGE) for a length or magic that cannot be.
  std::optional<FileBatch> next();
  /// All bytes of the batch that next() gave last; valid until the next call.
  RecordBatch load();
  /// Where the next batch starts.
  SegmentPosition position() const { return static_cast<SegmentPosition>(position_); }

 private:
  ByteView window(int64_t at, size_t count);

  File& file_;
  int64_t position_;
  const int64_t end_;
  const size_t chunk_size_;
  size_t next_chunk_;  // bytes of the next read: more and more, up to chunk_size_
  ByteBuffer buffer_;
  int64_t buffer_start_ = 0;
  FileBatch current_;
};

struct LogOffsetPosition {
  Offset offset = 0;  // the batch's last one
  SegmentPosition position = 0;
  int32_t size = 0;
};

/// One thread appends or truncates; others may read meanwhile, up to size().
class FileRecords {
 public:
  /// Opens or makes the file. A new one that is preallocated gets `preallocate` bytes at once.
  FileRecords(Node& node, std::string path, int64_t preallocate);

  int32_t size_in_bytes() const { return size_.load(std::memory_order_acquire); }
  /// One write.
  void append(ByteView records);
  /// A range of the file, read by whoever gets it.
  std::shared_ptr<const FileSlice> slice(SegmentPosition position, int32_t size) const;
  /// The first batch from the position on whose last offset is >= the offset.
  std::optional<LogOffsetPosition> search_for_offset(Offset offset, SegmentPosition from) const;
  /// The first record from the position on with timestamp and offset not below the given ones.
  std::optional<TimestampAndOffset> search_for_timestamp(TimestampMs timestamp,
                                                         SegmentPosition from, Offset start) const;
  /// The largest timestamp of the batches from the position on, and its batch's last offset.
  TimestampAndOffset largest_timestamp_after(SegmentPosition from) const;
  FileBatchReader batches(SegmentPosition from, size_t chunk_size = 4096) const;
  void truncate(int32_t size);
  /// Cuts off what was preallocated.
  void trim();
  void flush() { file_->sync(); }

 private:
  std::shared_ptr<File> file_;
  std::atomic<int32_t> size_{0};
  bool preallocated_ = false;
};

}  // namespace kafkascope

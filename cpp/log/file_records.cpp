#include "log/file_records.h"

#include <fmt/core.h>

#include <algorithm>

#include "record/record_iterator.h"
#include "runtime/node.h"

namespace kafkascope {
namespace {

/// A look-up mostly ends at the first batch that it sees: only who reads on reads much.
constexpr size_t kFirstChunk = 256;

/// The smallest batch of each format: a header, and for the old ones an empty message.
size_t smallest_batch(int8_t magic) {
  return magic == 0 ? kSmallestBatch : magic == 1 ? kSmallestBatch + 8 : batch_v2::kHeaderSize;
}

}  // namespace

FileBatchReader::FileBatchReader(File& file, int64_t begin, int64_t end, size_t chunk_size)
    : file_(file),
      position_(begin),
      end_(end),
      chunk_size_(std::max(chunk_size, batch_v2::kHeaderSize)),
      next_chunk_(std::min(chunk_size_, kFirstChunk)) {}

ByteView FileBatchReader::window(int64_t at, size_t count) {
  const auto have = static_cast<int64_t>(buffer_.size());
  const bool inside =
      at >= buffer_start_ && at + static_cast<int64_t>(count) <= buffer_start_ + have;
  if (!inside) {
    const auto left = static_cast<size_t>(end_ - at);
    buffer_.resize(std::min(left, std::max(count, next_chunk_)));
    next_chunk_ = std::min(2 * next_chunk_, chunk_size_);
    buffer_.resize(file_.pread(buffer_, static_cast<uint64_t>(at)));
    buffer_start_ = at;
  }
  const auto skip = static_cast<size_t>(at - buffer_start_);
  return ByteView(buffer_).subspan(skip, std::min(count, buffer_.size() - skip));
}

std::optional<FileBatch> FileBatchReader::next() {
  if (end_ - position_ < static_cast<int64_t>(kSmallestBatch)) return std::nullopt;
  const auto wanted =
      std::min<int64_t>(end_ - position_, static_cast<int64_t>(batch_v2::kHeaderSize));
  const ByteView head = window(position_, static_cast<size_t>(wanted));
  if (head.size() < kSmallestBatch) return std::nullopt;
  const int64_t size = *RecordBatch::size_at(head);
  const RecordBatch header(head.first(
      static_cast<size_t>(std::clamp<int64_t>(size, 0, static_cast<int64_t>(head.size())))));
  if (size < static_cast<int64_t>(kSmallestBatch) || header.magic() < 0 || header.magic() > 2 ||
      size < static_cast<int64_t>(smallest_batch(header.magic()))) {
    throw KafkaException(
        ErrorCode::kCorruptMessage,
        fmt::format("{}: no batch at position {}: {} bytes long", file_.path(), position_, size));
  }
  if (size > end_ - position_) return std::nullopt;
  current_ = {position(), static_cast<int32_t>(size), header};
  position_ += size;
  return current_;
}

RecordBatch FileBatchReader::load() {
  const ByteView bytes = window(current_.position, static_cast<size_t>(current_.size));
  if (bytes.size() != static_cast<size_t>(current_.size)) {
    throw KafkaException(ErrorCode::kCorruptMessage, file_.path() + " ends within a batch");
  }
  return RecordBatch(bytes);
}

FileRecords::FileRecords(Node& node, std::string path, int64_t preallocate) {
  const bool is_new = !node.files().exists(path);
  file_ = node.files().open(path, OpenMode::kCreate);
  const uint64_t size = file_->size();
  if (size > INT32_MAX) {
    throw KafkaStorageException(
        fmt::format("{} has {} bytes: a segment has at most {}", path, size, INT32_MAX));
  }
  if (is_new && preallocate > 0) {
    file_->truncate(static_cast<uint64_t>(preallocate));
    preallocated_ = true;
  } else {
    size_ = static_cast<int32_t>(size);
  }
}

void FileRecords::append(ByteView records) {
  const int32_t size = size_in_bytes();
  file_->pwrite(records, static_cast<uint64_t>(size));
  size_.store(size + static_cast<int32_t>(records.size()), std::memory_order_release);
}

std::shared_ptr<const FileSlice> FileRecords::slice(SegmentPosition position, int32_t size) const {
  return std::make_shared<const FileSlice>(file_, static_cast<uint64_t>(position),
                                           static_cast<size_t>(size));
}

FileBatchReader FileRecords::batches(SegmentPosition from, size_t chunk_size) const {
  return {*file_, from, size_in_bytes(), chunk_size};
}

std::optional<LogOffsetPosition> FileRecords::search_for_offset(Offset offset,
                                                                SegmentPosition from) const {
  FileBatchReader reader = batches(from);
  while (const auto batch = reader.next()) {
    const Offset last = batch->header.last_offset();
    if (last >= offset) return LogOffsetPosition{last, batch->position, batch->size};
  }
  return std::nullopt;
}

std::optional<TimestampAndOffset> FileRecords::search_for_timestamp(TimestampMs timestamp,
                                                                    SegmentPosition from,
                                                                    Offset start) const {
  FileBatchReader reader = batches(from);
  while (const auto found = reader.next()) {
    if (found->header.max_timestamp() < timestamp || found->header.last_offset() < start) continue;
    const RecordBatch batch = reader.load();
    RecordIterator records(batch);
    for (RecordView record; records.next(record);) {
      if (record.timestamp >= timestamp && record.offset >= start) {
        return TimestampAndOffset{record.timestamp, record.offset, batch.partition_leader_epoch()};
      }
    }
  }
  return std::nullopt;
}

TimestampAndOffset FileRecords::largest_timestamp_after(SegmentPosition from) const {
  TimestampAndOffset largest;
  FileBatchReader reader = batches(from);
  while (const auto batch = reader.next()) {
    if (batch->header.max_timestamp() <= largest.timestamp) continue;
    largest = {batch->header.max_timestamp(), batch->header.last_offset(),
               batch->header.partition_leader_epoch()};
  }
  return largest;
}

void FileRecords::truncate(int32_t size) {
  file_->truncate(static_cast<uint64_t>(size));
  size_.store(size, std::memory_order_release);
  preallocated_ = false;
}

void FileRecords::trim() {
  if (preallocated_) truncate(size_in_bytes());
}

}  // namespace kafkascope

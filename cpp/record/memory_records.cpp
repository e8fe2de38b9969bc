#include "record/memory_records.h"

#include <fmt/core.h>

namespace kafkascope {

void MemoryRecords::Iterator::find() {
  size_ = 0;
  const std::optional<int64_t> size = RecordBatch::size_at(rest_);
  if (!size || rest_.size() <= batch_v2::kMagic) return;
  const bool v2 = rest_[batch_v2::kMagic] >= 2;
  const size_t smallest = v2 ? batch_v2::kHeaderSize : kSmallestBatch;
  if (*size < static_cast<int64_t>(smallest)) {
    throw KafkaException(ErrorCode::kCorruptMessage,
                         fmt::format("batch of {} bytes: at least {}", *size, smallest));
  }
  if (static_cast<size_t>(*size) <= rest_.size()) size_ = static_cast<size_t>(*size);
}

size_t MemoryRecords::valid_bytes() const {
  size_t total = 0;
  for (const RecordBatch& batch : *this) total += batch.size();
  return total;
}

}  // namespace kafkascope

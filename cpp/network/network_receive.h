// NetworkReceive: one frame on its way in, with memory that grows only with the bytes that came.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/bytes.h"
#include "network/frame_buffers.h"
#include "network/memory_pool.h"

namespace kafkascope {

/// Collects a 4-byte length and so many bytes (Kafka's NetworkReceive). A length that is negative
/// or above the limit is an error before anything is allocated for it.
class NetworkReceive {
 public:
  /// `pool`: null for no bound on the frames of all connections.
  explicit NetworkReceive(size_t max_size, std::shared_ptr<FrameBuffers> buffers = nullptr,
                          std::shared_ptr<MemoryPool> pool = nullptr)
      : max_size_(max_size), buffers_(std::move(buffers)), pool_(std::move(pool)) {}

  /// Takes bytes up to the end of the frame and returns how many it took. Throws
  /// KafkaException(INVALID_REQUEST) for a length that is not allowed.
  size_t feed(ByteView bytes);
  /// Where the next bytes of a large body may be read to directly; empty while the length is not
  /// known. Call `fed` with how many came.
  MutableByteView space();
  void fed(size_t count) { received_ += count; }

  /// The length is known, but the pool has nothing left: feed() takes nothing until it has.
  bool starved() const { return size_.has_value() && pool_ != nullptr && grant_ == nullptr; }
  bool complete() const { return size_.has_value() && received_ == *size_ && !starved(); }
  /// What came of the length.
  ByteView length_bytes() const { return {length_bytes_, length_received_}; }
  /// The frame without its length; the receive is empty again afterwards.
  SharedSlice take();
  /// Memory held now, for limits and tests.
  size_t capacity() const { return buffer_ == nullptr ? 0 : buffer_->capacity; }

 private:
  void reserve(size_t needed);
  void grow_to(std::shared_ptr<FrameBuffers::Buffer> buffer);

  size_t max_size_;
  std::shared_ptr<FrameBuffers> buffers_;
  std::shared_ptr<MemoryPool> pool_;
  MemoryPool::Grant grant_;
  uint8_t length_bytes_[4] = {};
  size_t length_received_ = 0;
  std::optional<size_t> size_;
  std::shared_ptr<FrameBuffers::Buffer> buffer_;
  size_t received_ = 0;
};

}  // namespace kafkascope

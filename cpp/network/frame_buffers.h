// FrameBuffers: memory of large frames, used again for the next ones.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "common/bytes.h"

namespace kafkascope {

/// A Selector's spare memory. Fresh memory costs a page fault every 4 KiB, which for a frame of a
/// megabyte is more than the copy into it. Keeps at most two buffers of at most 8 MiB. One thread
/// takes; buffers come back from whichever thread drops their last frame.
class FrameBuffers : public std::enable_shared_from_this<FrameBuffers> {
 public:
  struct Buffer {
    explicit Buffer(size_t size) : capacity(size), bytes(new uint8_t[size]) {}
    const size_t capacity;
    const std::unique_ptr<uint8_t[]> bytes;  // not cleared: written before it is read
  };

  FrameBuffers() = default;
  ~FrameBuffers();
  FrameBuffers(const FrameBuffers&) = delete;
  FrameBuffers& operator=(const FrameBuffers&) = delete;

  /// A spare of at least this capacity; null when there is none.
  std::shared_ptr<Buffer> take_spare(size_t capacity);
  /// A new one, which will become a spare.
  std::shared_ptr<Buffer> allocate(size_t capacity);

 private:
  std::shared_ptr<Buffer> lend(Buffer* buffer);
  void give_back(Buffer* buffer);

  std::array<std::atomic<Buffer*>, 2> spares_{};
};

}  // namespace kafkascope

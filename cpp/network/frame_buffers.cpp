#include "network/frame_buffers.h"

namespace kafkascope {
namespace {

constexpr size_t kSmallestSpare = size_t{64} * 1024;
constexpr size_t kLargestSpare = size_t{8} * 1024 * 1024;

}  // namespace

FrameBuffers::~FrameBuffers() {
  for (std::atomic<Buffer*>& spare : spares_) delete spare.load(std::memory_order_acquire);
}

std::shared_ptr<FrameBuffers::Buffer> FrameBuffers::take_spare(size_t capacity) {
  for (std::atomic<Buffer*>& spare : spares_) {
    Buffer* const found = spare.exchange(nullptr, std::memory_order_acq_rel);
    if (found == nullptr) continue;
    if (found->capacity >= capacity) return lend(found);
    delete found;  // the frames have grown: it would never be used again
  }
  return nullptr;
}

std::shared_ptr<FrameBuffers::Buffer> FrameBuffers::allocate(size_t capacity) {
  return lend(new Buffer(capacity));
}

std::shared_ptr<FrameBuffers::Buffer> FrameBuffers::lend(Buffer* buffer) {
  return {buffer, [self = shared_from_this()](Buffer* used) { self->give_back(used); }};
}

void FrameBuffers::give_back(Buffer* buffer) {
  if (buffer->capacity >= kSmallestSpare && buffer->capacity <= kLargestSpare) {
    for (std::atomic<Buffer*>& spare : spares_) {
      Buffer* nothing = nullptr;
      if (spare.compare_exchange_strong(nothing, buffer, std::memory_order_acq_rel)) return;
    }
  }
  delete buffer;
}

}  // namespace kafkascope

#include "network/network_receive.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "common/byte_reader.h"
#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr size_t kFirstCapacity = 64 * 1024;
constexpr size_t kGrowth = 4;

}  // namespace

size_t NetworkReceive::feed(ByteView bytes) {
  size_t taken = 0;
  if (!size_) {
    taken = std::min(bytes.size(), sizeof(length_bytes_) - length_received_);
    std::memcpy(length_bytes_ + length_received_, bytes.data(), taken);
    length_received_ += taken;
    if (length_received_ < sizeof(length_bytes_)) return taken;
    const int32_t size = ByteReader(length_bytes_).read_int32();
    if (size < 0 || static_cast<size_t>(size) > max_size_) {
      throw KafkaException(ErrorCode::kInvalidRequest,
                           fmt::format("frame of {} bytes: expected 0 to {}", size, max_size_));
    }
    size_ = static_cast<size_t>(size);
  }
  if (starved()) grant_ = pool_->try_allocate(*size_);
  if (starved()) return taken;
  const size_t count = std::min(bytes.size() - taken, *size_ - received_);
  if (count == 0) return taken;
  reserve(received_ + count);
  std::memcpy(buffer_->bytes.get() + received_, bytes.data() + taken, count);
  received_ += count;
  return taken + count;
}

MutableByteView NetworkReceive::space() {
  if (!size_ || received_ == *size_ || starved()) return {};
  reserve(received_ + 1);
  return {buffer_->bytes.get() + received_, std::min(capacity(), *size_) - received_};
}

SharedSlice NetworkReceive::take() {
  const ByteView view(received_ == 0 ? nullptr : buffer_->bytes.get(), received_);
  std::shared_ptr<const void> owner = std::move(buffer_);
  if (grant_ != nullptr)
    owner = std::make_shared<std::pair<MemoryPool::Grant, std::shared_ptr<const void>>>(
        std::move(grant_), std::move(owner));
  SharedSlice frame(std::move(owner), view);
  *this = NetworkReceive(max_size_, std::move(buffers_), std::move(pool_));
  return frame;
}

// Memory that is there already is taken whole; new memory grows only with the bytes that came.
void NetworkReceive::reserve(size_t needed) {
  if (needed <= capacity()) return;
  if (buffers_ != nullptr && *size_ >= kFirstCapacity) {
    if (auto spare = buffers_->take_spare(*size_)) return grow_to(std::move(spare));
  }
  const size_t wanted = std::min(std::max({needed, kFirstCapacity, capacity() * kGrowth}), *size_);
  const bool may_be_kept = buffers_ != nullptr && wanted >= kFirstCapacity;
  grow_to(may_be_kept ? buffers_->allocate(wanted)
                      : std::make_shared<FrameBuffers::Buffer>(wanted));
}

void NetworkReceive::grow_to(std::shared_ptr<FrameBuffers::Buffer> buffer) {
  if (received_ > 0) std::memcpy(buffer->bytes.get(), buffer_->bytes.get(), received_);
  buffer_ = std::move(buffer);
}

}  // namespace kafkascope

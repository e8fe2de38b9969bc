#include "clients/producer/buffer_pool.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"

namespace kafkascope {

namespace {
constexpr Duration kSlice = std::chrono::milliseconds(50);
}  // namespace

BufferPool::BufferPool(Node& node, int64_t total_memory, int32_t poolable_size,
                       std::function<void()> while_waiting)
    : node_(node),
      total_memory_(total_memory),
      poolable_size_(poolable_size),
      while_waiting_(std::move(while_waiting)),
      mutex_(node, "buffer pool"),
      unpooled_memory_(total_memory) {}

ByteBuffer BufferPool::allocate(int32_t size, Instant deadline) {
  if (size > total_memory_) {
    throw KafkaException(
        ErrorCode::kMessageTooLarge,
        fmt::format("a batch of {} bytes is larger than buffer.memory, {}", size, total_memory_));
  }
  ByteBuffer buffer;
  {
    Lock lock(mutex_);
    check_open();
    if (!waiters_.empty() || !take(size, buffer)) wait_for_memory(size, deadline, buffer, lock);
  }
  buffer.reserve(static_cast<size_t>(size));  // outside the lock: the system may have to find pages
  return buffer;
}

bool BufferPool::take(int64_t size, ByteBuffer& buffer) {
  if (size == poolable_size_ && !free_.empty()) {
    buffer = std::move(free_.back());
    free_.pop_back();
    return true;
  }
  if (available() < size) return false;
  while (unpooled_memory_ < size) {
    free_.pop_back();
    unpooled_memory_ += poolable_size_;
  }
  unpooled_memory_ -= size;
  return true;
}

bool BufferPool::wait_once(Waiter& waiter, Instant deadline, Lock& lock) {
  if (!while_waiting_) return waiter.ready.wait_until(lock, deadline);
  const Instant slice_end = deadline_after(node_.clock().monotonic(), kSlice);
  if (waiter.ready.wait_until(lock, std::min(deadline, slice_end))) return true;
  lock.unlock();
  try {
    while_waiting_();
  } catch (const std::exception&) {
    lock.lock();
    leave(waiter);
    throw;
  }
  lock.lock();
  return slice_end < deadline;
}

void BufferPool::leave(Waiter& waiter) {
  waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &waiter));
  if (!waiters_.empty() && available() > 0) waiters_.front()->ready.notify_one();
}

void BufferPool::wait_for_memory(int32_t size, Instant deadline, ByteBuffer& buffer, Lock& lock) {
  Waiter waiter(node_);
  waiters_.push_back(&waiter);
  bool in_time = true;
  bool taken = false;
  while (!closed_ && in_time && !taken) {
    in_time = wait_once(waiter, deadline, lock);
    taken = !closed_ && waiters_.front() == &waiter && take(size, buffer);
  }
  leave(waiter);
  check_open();
  if (taken) return;
  throw KafkaException(ErrorCode::kRequestTimedOut,
                       fmt::format("no {} bytes of buffer.memory ({} in all, {} free) came free "
                                   "within max.block.ms: records are sent "
                                   "slower than they are produced",
                                   size, total_memory_, available()));
}

void BufferPool::deallocate(ByteBuffer buffer, int32_t size) {
  Lock lock(mutex_);
  if (size == poolable_size_ && buffer.capacity() == static_cast<size_t>(size)) {
    buffer.clear();
    free_.push_back(std::move(buffer));
  } else {
    unpooled_memory_ += size;
  }
  if (!waiters_.empty()) waiters_.front()->ready.notify_one();
}

void BufferPool::close() {
  Lock lock(mutex_);
  closed_ = true;
  for (Waiter* waiter : waiters_) waiter->ready.notify_one();
}

void BufferPool::check_open() const {
  if (closed_) throw KafkaException(ErrorCode::kInvalidRequest, "the producer is closed");
}

int64_t BufferPool::available() const {
  return unpooled_memory_ + static_cast<int64_t>(free_.size()) * poolable_size_;
}

int64_t BufferPool::available_memory() const {
  Lock lock(mutex_);
  return available();
}

int32_t BufferPool::waiting_threads() const {
  Lock lock(mutex_);
  return static_cast<int32_t>(waiters_.size());
}

BufferPoolDescription BufferPool::describe() const {
  Lock lock(mutex_);
  return {total_memory_, available(), static_cast<int32_t>(free_.size()), poolable_size_,
          static_cast<int32_t>(waiters_.size())};
}

}  // namespace kafkascope

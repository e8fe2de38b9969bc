// BufferPool: the memory of unsent records: bounded, fair, and reused.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "clients/producer/producer_descriptions.h"
#include "common/bytes.h"
#include "runtime/threads.h"

namespace kafkascope {

/// Kafka's BufferPool. Buffers of the poolable size (batch.size) are kept for the next batch;
/// larger ones are made and freed. When memory is short, threads wait first come first served: a
/// large request is not starved by small ones. Any thread may call.
class BufferPool {
 public:
  /// While a thread waits for memory it calls `while_waiting` every 50 ms, without a lock; what
  /// that throws ends the wait.
  BufferPool(Node& node, int64_t total_memory, int32_t poolable_size,
             std::function<void()> while_waiting = {});

  /// An empty buffer with capacity for `size` bytes. Blocks until memory is there; throws
  /// KafkaException(kRequestTimedOut) at the deadline, kMessageTooLarge when it can never fit, and
  /// kInvalidRequest after close().
  ByteBuffer allocate(int32_t size, Instant deadline);
  /// Gives back what allocate(size) counted. `buffer` may be another one, or empty when its memory
  /// is gone with its last reader: only the count matters then.
  void deallocate(ByteBuffer buffer, int32_t size);
  /// Wakes all that wait; later allocations throw.
  void close();

  int32_t poolable_size() const { return poolable_size_; }
  int64_t available_memory() const;
  int32_t waiting_threads() const;
  BufferPoolDescription describe() const;

 private:
  struct Waiter {
    explicit Waiter(Node& node) : ready(node, "buffer pool") {}
    ConditionVariable ready;
  };
  /// False at the deadline.
  bool wait_once(Waiter& waiter, Instant deadline, Lock& lock) KS_NO_THREAD_SAFETY_ANALYSIS;
  void leave(Waiter& waiter) KS_REQUIRES(mutex_);
  bool take(int64_t size, ByteBuffer& buffer) KS_REQUIRES(mutex_);
  int64_t available() const KS_REQUIRES(mutex_);
  void check_open() const KS_REQUIRES(mutex_);
  void wait_for_memory(int32_t size, Instant deadline, ByteBuffer& buffer, Lock& lock)
      KS_REQUIRES(mutex_);

  Node& node_;
  const int64_t total_memory_;
  const int32_t poolable_size_;
  const std::function<void()> while_waiting_;
  mutable Mutex mutex_;
  std::deque<Waiter*> waiters_ KS_GUARDED_BY(mutex_);
  std::vector<ByteBuffer> free_ KS_GUARDED_BY(mutex_);
  int64_t unpooled_memory_ KS_GUARDED_BY(mutex_);  // neither in use nor in free_
  bool closed_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope

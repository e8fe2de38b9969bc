// Threads: the second seam. The operating system's in a real run (one branch each), fibers in a
// simulation.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

#include "common/thread_annotations.h"
#include "runtime/node.h"
#include "runtime/scheduler.h"

namespace kafkascope {

/// Mutual exclusion. Not recursive. `name` is a string literal that a deadlock report prints.
class KS_CAPABILITY("mutex") Mutex {
 public:
  Mutex(Node& node, const char* name) : scheduler_(node.scheduler()) {
    queue_.kind = "mutex", queue_.name = name;
  }
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() KS_ACQUIRE() {
    if (scheduler_ == nullptr) [[likely]]
      return real_.lock();
    lock_in_simulation();
  }
  void unlock() KS_RELEASE() {
    if (scheduler_ == nullptr) [[likely]]
      return real_.unlock();
    unlock_in_simulation();
  }

 private:
  friend class ConditionVariable;
  void lock_in_simulation();
  void unlock_in_simulation();

  Scheduler* scheduler_;
  std::mutex real_;
  WaitQueue queue_;
};

/// Holds a Mutex from construction to the end of its scope, with unlock and lock between.
class KS_SCOPED_CAPABILITY Lock {
 public:
  explicit Lock(Mutex& mutex) KS_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() KS_RELEASE() {
    if (held_) mutex_.unlock();
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  void unlock() KS_RELEASE() { held_ = false, mutex_.unlock(); }
  void lock() KS_ACQUIRE() { mutex_.lock(), held_ = true; }

 private:
  friend class ConditionVariable;
  Mutex& mutex_;
  bool held_ = true;
};

/// Many readers or one writer (Kafka's ReentrantReadWriteLock, without the re-entry).
class KS_CAPABILITY("shared_mutex") SharedMutex {
 public:
  SharedMutex(Node& node, const char* name) : scheduler_(node.scheduler()) {
    queue_.kind = "mutex", queue_.name = name;
  }
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  void lock() KS_ACQUIRE();
  void unlock() KS_RELEASE();
  void lock_shared() KS_ACQUIRE_SHARED();
  void unlock_shared() KS_RELEASE_SHARED();

 private:
  Scheduler* scheduler_;
  std::shared_mutex real_;
  WaitQueue queue_;
  int readers_ = 0;  // in a simulation
};

class KS_SCOPED_CAPABILITY WriteLock {
 public:
  explicit WriteLock(SharedMutex& mutex) KS_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~WriteLock() KS_RELEASE() { mutex_.unlock(); }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class KS_SCOPED_CAPABILITY ReadLock {
 public:
  explicit ReadLock(SharedMutex& mutex) KS_ACQUIRE_SHARED(mutex) : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReadLock() KS_RELEASE() { mutex_.unlock_shared(); }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

 private:
  SharedMutex& mutex_;
};

/// Waits under a Lock. Spurious wake-ups happen: give a predicate, or loop.
class ConditionVariable {
 public:
  ConditionVariable(Node& node, const char* name) : node_(node) {
    queue_.kind = "condition", queue_.name = name;
  }
  ConditionVariable(const ConditionVariable&) = delete;
  ConditionVariable& operator=(const ConditionVariable&) = delete;

  void wait(Lock& lock) { (void)wait_until(lock, kForever); }
  /// False when the deadline (node's monotonic clock) passed before a notification.
  bool wait_until(Lock& lock, Instant deadline);
  template <typename Predicate>
  void wait(Lock& lock, Predicate done) {
    while (!done()) wait(lock);
  }
  /// The predicate's last answer.
  template <typename Predicate>
  bool wait_until(Lock& lock, Instant deadline, Predicate done) {
    while (!done()) {
      if (!wait_until(lock, deadline)) return done();
    }
    return true;
  }
  void notify_one();
  void notify_all();

 private:
  Node& node_;
  std::condition_variable real_;
  WaitQueue queue_;
};

/// A named thread. Must be joined before it is destroyed. An exception that leaves `body` aborts
/// the process with the thread's name (in a simulation: ends the run with a report), except the
/// unwinding of a crashed node.
class Thread {
 public:
  Thread(Node& node, std::string name, std::function<void()> body);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  void join();
  const std::string& name() const { return name_; }

 private:
  Node& node_;
  std::string name_;
  std::thread real_;
  sim::Fiber* fiber_ = nullptr;
  bool joined_ = false;
};

}  // namespace kafkascope

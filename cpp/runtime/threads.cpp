#include "runtime/threads.h"

#include <pthread.h>

#include "common/check.h"

namespace kafkascope {

void Node::sleep(Duration duration) {
  if (seams_.scheduler == nullptr) {
    std::this_thread::sleep_for(duration);
    return;
  }
  WaitQueue nobody{.kind = "sleep", .name = "sleep"};
  seams_.scheduler->wait(nobody, deadline_after(clock().monotonic(), duration));
}

void Node::point(const char* name) {
  if (seams_.scheduler != nullptr) seams_.scheduler->switch_point(name);
}

void Node::outside(const std::function<void()>& fn) {
  if (seams_.scheduler == nullptr) return fn();
  seams_.scheduler->outside(fn);
}

// Between two turns nothing else runs: who inspects from outside reads without locking.

void Mutex::lock_in_simulation() {
  if (scheduler_->current() == nullptr) return;
  scheduler_->switch_point(queue_.name);
  while (queue_.owner != nullptr) {
    if (scheduler_->unwinding()) return;
    scheduler_->wait(queue_, kForever);
  }
  queue_.owner = scheduler_->current();
}

void Mutex::unlock_in_simulation() {
  // A fiber killed inside a wait unwinds through a Lock that no longer holds the mutex.
  if (queue_.owner == nullptr || queue_.owner != scheduler_->current()) return;
  queue_.owner = nullptr;
  scheduler_->wake_one(queue_);
}

void SharedMutex::lock() {
  if (scheduler_ == nullptr) return real_.lock();
  if (scheduler_->current() == nullptr) return;
  scheduler_->switch_point(queue_.name);
  while (queue_.owner != nullptr || readers_ > 0) {
    if (scheduler_->unwinding()) return;
    scheduler_->wait(queue_, kForever);
  }
  queue_.owner = scheduler_->current();
}

void SharedMutex::unlock() {
  if (scheduler_ == nullptr) return real_.unlock();
  if (queue_.owner == nullptr || queue_.owner != scheduler_->current()) return;
  queue_.owner = nullptr;
  scheduler_->wake_all(queue_);
}

void SharedMutex::lock_shared() {
  if (scheduler_ == nullptr) return real_.lock_shared();
  if (scheduler_->current() == nullptr) return;
  scheduler_->switch_point(queue_.name);
  while (queue_.owner != nullptr) {
    if (scheduler_->unwinding()) return;
    scheduler_->wait(queue_, kForever);
  }
  ++readers_;
}

void SharedMutex::unlock_shared() {
  if (scheduler_ == nullptr) return real_.unlock_shared();
  if (scheduler_->current() == nullptr) return;
  if (readers_ > 0 && --readers_ == 0) scheduler_->wake_all(queue_);
}

bool ConditionVariable::wait_until(Lock& lock, Instant deadline) {
  if (Scheduler* scheduler = node_.scheduler(); scheduler != nullptr) {
    lock.mutex_.unlock_in_simulation();
    const bool notified = scheduler->wait(queue_, deadline);
    lock.mutex_.lock_in_simulation();
    return notified;
  }
  std::unique_lock<std::mutex> real_lock(lock.mutex_.real_, std::adopt_lock);
  bool notified = true;
  if (deadline == kForever) {
    real_.wait(real_lock);
  } else {
    const Duration left = deadline - node_.clock().monotonic();
    notified = real_.wait_for(real_lock, left) == std::cv_status::no_timeout;
  }
  real_lock.release();
  return notified;
}

void ConditionVariable::notify_one() {
  if (Scheduler* scheduler = node_.scheduler(); scheduler != nullptr)
    return scheduler->wake_one(queue_);
  real_.notify_one();
}

void ConditionVariable::notify_all() {
  if (Scheduler* scheduler = node_.scheduler(); scheduler != nullptr)
    return scheduler->wake_all(queue_);
  real_.notify_all();
}

Thread::Thread(Node& node, std::string name, std::function<void()> body)
    : node_(node), name_(std::move(name)) {
  if (node_.scheduler() != nullptr) {
    fiber_ = node_.scheduler()->spawn(node_, name_, std::move(body));
    return;
  }
  real_ = std::thread([short_name = name_.substr(0, 15), body = std::move(body)] {
    pthread_setname_np(pthread_self(), short_name.c_str());
    body();
  });
}

Thread::~Thread() {
  const bool crashed = node_.scheduler() != nullptr && node_.scheduler()->unwinding();
  KS_CHECK(joined_ || crashed, "thread " + name_ + " destroyed before it was joined");
}

void Thread::join() {
  if (joined_) return;
  joined_ = true;
  if (node_.scheduler() != nullptr) return node_.scheduler()->join(fiber_);
  real_.join();
}

}  // namespace kafkascope

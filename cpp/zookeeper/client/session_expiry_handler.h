// SessionExpiryHandler: the thread on which an expired session is made anew.
#pragma once

#include <functional>

#include "runtime/worker.h"

namespace kafkascope {

/// Kafka's zk-session-expiry-handler: apart from the event thread, because the handlers of session
/// changes wait for other threads, which wait for ZooKeeper's answers.
class SessionExpiryHandler : public Worker {
 public:
  SessionExpiryHandler(Node& node, std::string name, std::function<void()> reinitialize)
      : Worker(node, std::move(name)),
        reinitialize_(std::move(reinitialize)),
        mutex_(node, "session expiry"),
        changed_(node, "session expiry") {}

  void expired() {
    Lock lock(mutex_);
    expired_ = true;
    changed_.notify_all();
  }

 private:
  void do_work() override {
    Lock lock(mutex_);
    changed_.wait(lock, [this] { return expired_ || !is_running(); });
    if (!expired_ || !is_running()) return;
    expired_ = false;
    lock.unlock();
    reinitialize_();
  }
  void wakeup() override {
    Lock lock(mutex_);
    changed_.notify_all();
  }

  const std::function<void()> reinitialize_;
  Mutex mutex_;
  ConditionVariable changed_;
  bool expired_ KS_GUARDED_BY(mutex_) = false;
};

}  // namespace kafkascope

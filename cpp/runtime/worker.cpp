#include "runtime/worker.h"

#include "common/check.h"

namespace kafkascope {

Worker::~Worker() {
  const bool crashed = node_.scheduler() != nullptr && node_.scheduler()->unwinding();
  KS_CHECK(crashed || thread_ == nullptr, "worker " + name_ + " destroyed while its thread runs");
}

void Worker::start() {
  KS_CHECK(thread_ == nullptr, "worker " + name_ + " started twice");
  running_ = true;
  thread_ = std::make_unique<Thread>(node_, name_, [this] { run(); });
}

void Worker::initiate_shutdown() {
  running_.store(false, std::memory_order_release);
  wakeup();
}

void Worker::await_shutdown() {
  if (thread_ == nullptr) return;
  thread_->join();
  thread_.reset();
}

void Worker::run() {
  while (is_running()) {
    KS_TRACE(node_, "WorkStarted", {"worker", name_});
    do_work();
    KS_TRACE(node_, "WorkEnded", {"worker", name_});
  }
  on_stopped();
}

}  // namespace kafkascope

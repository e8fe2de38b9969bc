// Worker: every thread that the books name, as a loop over do_work (Kafka's ShutdownableThread).
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "runtime/threads.h"

namespace kafkascope {

/// A named thread whose loop calls do_work() until it is told to stop. Each round is traced
/// ("WorkStarted", "WorkEnded") so that a notebook can step by one do_work of one worker. A
/// subclass calls shutdown() before its own members go.
class Worker {
 public:
  Worker(Node& node, std::string name) : node_(node), name_(std::move(name)) {}
  virtual ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  /// Asks the loop to end after the current round; returns at once. Safe to call more than once.
  void initiate_shutdown();
  /// Waits until the loop has ended. Returns at once if it was never started.
  void await_shutdown();
  void shutdown() { initiate_shutdown(), await_shutdown(); }
  bool is_running() const { return running_.load(std::memory_order_acquire); }
  const std::string& name() const { return name_; }

 protected:
  /// One round. May block in a seam; must return soon after wakeup().
  virtual void do_work() = 0;
  /// Ends a do_work that blocks. Called by initiate_shutdown on the caller's thread.
  virtual void wakeup() {}
  /// Runs on the worker's thread after the last round.
  virtual void on_stopped() {}

  Node& node_;

 private:
  void run();

  const std::string name_;
  std::atomic<bool> running_{false};
  std::unique_ptr<Thread> thread_;
};

}  // namespace kafkascope

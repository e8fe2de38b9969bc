// SimPoller: where a network thread of a simulation sleeps.
#pragma once

#include <map>
#include <vector>

#include "common/check.h"
#include "runtime/network.h"
#include "runtime/sim/sim_scheduler.h"

namespace kafkascope::sim {

class SimPoller;

/// Readiness, and the poller that wants to know of it.
class SimPollable {
 public:
  virtual ~SimPollable() = default;
  virtual uint8_t ready() const = 0;
  SimPoller* poller = nullptr;
  void notify();
};

class SimPoller : public Poller {
 public:
  explicit SimPoller(SimScheduler& scheduler) : scheduler_(scheduler) {}
  ~SimPoller() override;

  void set_interest(Pollable& pollable, uint8_t interest, uint64_t token) override;
  void remove(Pollable& pollable) override;
  std::span<const Ready> wait(Instant deadline) override;
  void wakeup() override;
  void notify() { scheduler_.wake_all(queue_); }

 private:
  struct Watch {
    SimPollable* pollable = nullptr;
    uint8_t interest = 0;
  };
  SimScheduler& scheduler_;
  std::map<uint64_t, Watch> watches_;
  std::vector<Ready> ready_;
  bool woken_ = false;
  WaitQueue queue_{.kind = "condition", .name = "poller"};
};

}  // namespace kafkascope::sim

#include "runtime/sim/sim_poller.h"

namespace kafkascope::sim {

void SimPollable::notify() {
  if (poller != nullptr) poller->notify();
}

SimPoller::~SimPoller() {
  for (auto& [token, watch] : watches_) watch.pollable->poller = nullptr;
}

void SimPoller::set_interest(Pollable& pollable, uint8_t interest, uint64_t token) {
  auto* sim = dynamic_cast<SimPollable*>(&pollable);
  KS_CHECK(sim != nullptr, "not a pollable of the simulation");
  sim->poller = this;
  watches_[token] = {sim, interest};
}

void SimPoller::remove(Pollable& pollable) {
  auto* sim = dynamic_cast<SimPollable*>(&pollable);
  sim->poller = nullptr;
  std::erase_if(watches_, [&](const auto& entry) { return entry.second.pollable == sim; });
}

std::span<const Poller::Ready> SimPoller::wait(Instant deadline) {
  scheduler_.switch_point("poll");
  for (;;) {
    ready_.clear();
    for (const auto& [token, watch] : watches_) {
      if (const uint8_t events = watch.pollable->ready() & watch.interest; events != 0)
        ready_.push_back({token, events});
    }
    const bool woken = std::exchange(woken_, false);
    if (!ready_.empty() || woken || scheduler_.unwinding()) return ready_;
    if (!scheduler_.wait(queue_, deadline)) return ready_;
  }
}

void SimPoller::wakeup() {
  woken_ = true;
  scheduler_.wake_all(queue_);
}

}  // namespace kafkascope::sim

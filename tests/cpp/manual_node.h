// ManualNode: a node for tests of code that needs only time, locks and random numbers; time moves
// by advance().
#pragma once

#include <atomic>

#include "common/check.h"
#include "runtime/node.h"

namespace kafkascope {

/// Starts at a second, not at zero, so that a forgotten initialization shows. Any thread may call.
class ManualClock : public Clock {
 public:
  int64_t wall_ms() override { return 1'500'000'000'000 + now_ns_ / 1'000'000; }
  Instant monotonic() override { return Instant(now_ns_.load()); }
  void advance(Duration by) { now_ns_ += by.count(); }

 private:
  std::atomic<int64_t> now_ns_{1'000'000'000};
};

/// OS threads and locks, the given clock, neither network nor files.
template <typename ClockType>
class TestNode {
 public:
  explicit TestNode(uint64_t seed = 1)
      : node("test",
             {clock, missing<Network>(), missing<FileSystem>(), Random(seed), nullptr, nullptr}) {}

  ClockType clock;
  Node node;

 private:
  // Never touched: a test that needs these takes a whole runtime.
  template <typename Seam>
  Seam& missing() {
    return *reinterpret_cast<Seam*>(&nothing_);
  }
  alignas(16) char nothing_[16] = {};
};

using ManualNode = TestNode<ManualClock>;

}  // namespace kafkascope

#include "runtime/throttler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cfloat>

#include "manual_node.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

TEST(ThrottlerTest, WhoIsTooFastWaits) {
  ManualNode test;
  Throttler throttler(test.node, 1000);
  throttler.maybe_throttle(1'000'000);  // not looked at yet
  test.clock.advance(400ms);
  std::atomic<bool> through{false};
  Thread worker(test.node, "worker", [&] {
    throttler.maybe_throttle(1);
    through = true;
  });
  EXPECT_FALSE(through) << "1,000,001 at 1,000 a second";
  throttler.interrupt();
  worker.join();
  EXPECT_TRUE(through);
}

TEST(ThrottlerTest, WhoIsSlowEnoughDoesNot) {
  ManualNode test;
  Throttler throttler(test.node, 1000);
  for (int i = 0; i < 10; ++i) {
    test.clock.advance(1s);
    throttler.maybe_throttle(1000);
  }
  throttler.update_desired_rate(DBL_MAX);
  test.clock.advance(1s);
  throttler.maybe_throttle(INT64_MAX / 2);
}

}  // namespace
}  // namespace kafkascope

// A cluster under faults: invariants hold, one seed is one run, and each planted bug is caught.
#include "simulation/explorer/cluster_explorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kafkascope {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t kSeeds = 10;
#else
constexpr uint64_t kSeeds = 100;
#endif

TEST(ClusterExplorerTest, InvariantsHoldUnderFaults) {
  Marks marks;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const ClusterExplorerReport report = explore_cluster({.seed = seed});
    ASSERT_EQ(report.failure, "");
    EXPECT_GT(report.acknowledged, 0u);
    for (const auto& [mark, count] : report.marks) marks[mark] += count;
  }
  EXPECT_EQ(marks["unclean election"], 0);
  if (kSeeds < 100) return;
  for (const char* mark : {"ISR of one", "ISR shrunk", "ISR expanded", "controller failover",
                           "controlled shutdown", "diverging epoch answered", "follower truncated",
                           "follower ahead of its leader", "session expired", "partition offline",
                           "reassignment completed", "last log directory failed"})
    EXPECT_GT(marks[mark], 0) << mark << " was not reached";
}

TEST(ClusterExplorerTest, OneSeedOneRun) {
  for (const uint64_t seed : {3, 4, 5}) {
    const ClusterExplorerReport once = explore_cluster({.seed = seed});
    const ClusterExplorerReport again = explore_cluster({.seed = seed});
    EXPECT_EQ(once.digest, again.digest);
    EXPECT_EQ(once.turns, again.turns);
  }
}

TEST(ClusterExplorerTest, WithoutFaultsNothingIsRetried) {
  const ClusterExplorerReport report = explore_cluster({.seed = 1, .faults = false});
  EXPECT_EQ(report.failure, "");
  EXPECT_THAT(report.faults, testing::IsEmpty());
}

}  // namespace
}  // namespace kafkascope

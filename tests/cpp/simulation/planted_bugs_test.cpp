// Bugs that are planted in all brokers, and how soon a run under faults shows each of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulation/explorer/cluster_explorer.h"

namespace kafkascope {
namespace {

struct PlantedBug {
  const char* name;
  void (*plant)(ClusterExplorerOptions& options);
  const char* seen_as;
};

void PrintTo(const PlantedBug& bug, std::ostream* out) { *out << bug.name; }

class PlantedBugTest : public testing::TestWithParam<PlantedBug> {};

/// Which invariant is the first to notice depends on the seed: the text is what any of them says.
TEST_P(PlantedBugTest, IsSeenWithinFortySeeds) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "tells of invariants, not of memory";
#endif
  ClusterExplorerOptions options;
  GetParam().plant(options);
  std::string failure;
  for (options.seed = 1; options.seed <= 40 && failure.empty(); ++options.seed)
    failure = explore_cluster(options).failure;
  EXPECT_THAT(failure, testing::ContainsRegex(GetParam().seen_as));
}

using Options = ClusterExplorerOptions;

INSTANTIATE_TEST_SUITE_P(
    All, PlantedBugTest,
    testing::Values(
        PlantedBug{"HighWatermarkFromIsr",
                   [](Options& o) { o.replication_defects.high_watermark_from_isr = true; },
                   "maximal ISR|true high watermark"},
        PlantedBug{
            "HighWatermarkCountsOutOfSync",
            [](Options& o) { o.replication_defects.high_watermark_counts_out_of_sync = true; },
            "high watermark"},
        PlantedBug{"AckAtLogEnd", [](Options& o) { o.replication_defects.ack_at_log_end = true; },
                   "acks=all"},
        PlantedBug{"FollowerKeepsOldLeader",
                   [](Options& o) { o.replication_defects.follower_keeps_old_leader = true; },
                   "liveness"},
        PlantedBug{"TruncateToHighWatermark",
                   [](Options& o) { o.fetcher_defects.truncate_to_high_watermark = true; },
                   "true high watermark"},
        PlantedBug{"NoTruncationOnSameLeader",
                   [](Options& o) { o.fetcher_defects.no_truncation_on_same_leader = true; },
                   "committed|high watermark"},
        PlantedBug{"NoWatchAfterSessionLoss",
                   [](Options& o) { o.controller_defects.no_watch_after_session_loss = true; },
                   "liveness"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace kafkascope

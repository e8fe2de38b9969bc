#include "replication/replication_quota_manager.h"

#include <gtest/gtest.h>

#include "common/errors.h"
#include "manual_node.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

class ReplicationQuotaManagerTest : public testing::Test {
 protected:
  ManualNode test;
  MetricsRegistry metrics{test.node};
  ReplicationQuotaManager quota{test.node, metrics, ReplicationSide::kFollower};
};

TEST_F(ReplicationQuotaManagerTest, WithoutAQuotaNothingExceedsIt) {
  quota.record(1 << 30);
  EXPECT_FALSE(quota.is_quota_exceeded());
  EXPECT_EQ(quota.quota(), std::nullopt);
}

TEST_F(ReplicationQuotaManagerTest, CountsBytesOverTheWindows) {
  quota.update_quota(100);
  quota.record(100);
  EXPECT_DOUBLE_EQ(quota.rate(), 100);  // over one window at least
  EXPECT_FALSE(quota.is_quota_exceeded());
  quota.record(1);
  EXPECT_TRUE(quota.is_quota_exceeded());
  test.clock.advance(2s);
  EXPECT_DOUBLE_EQ(quota.rate(), 50.5);
  EXPECT_FALSE(quota.is_quota_exceeded());
  quota.record(199);
  EXPECT_DOUBLE_EQ(quota.rate(), 150);
  test.clock.advance(9s);  // eleven windows after the first
  EXPECT_DOUBLE_EQ(quota.rate(), 199.0 / 9);
  test.clock.advance(2s);
  EXPECT_DOUBLE_EQ(quota.rate(), 0);
}

TEST_F(ReplicationQuotaManagerTest, TheQuotaChangesAtOnce) {
  quota.record(500);
  quota.update_quota(499);
  EXPECT_TRUE(quota.is_quota_exceeded());
  quota.update_quota(500);
  EXPECT_FALSE(quota.is_quota_exceeded());
  quota.update_quota(std::nullopt);
  quota.record(1000);
  EXPECT_FALSE(quota.is_quota_exceeded());
}

TEST_F(ReplicationQuotaManagerTest, ThrottlesWhatTheTopicNames) {
  EXPECT_FALSE(quota.is_throttled({"t", 0}));
  quota.mark_throttled("t", {"0:1", "1:2", "3:1"}, 1);
  EXPECT_TRUE(quota.is_throttled({"t", 0}));
  EXPECT_FALSE(quota.is_throttled({"t", 1}));  // another broker's replica
  EXPECT_TRUE(quota.is_throttled({"t", 3}));
  EXPECT_FALSE(quota.is_throttled({"u", 0}));
  quota.mark_throttled("t", {"*"}, 1);
  EXPECT_TRUE(quota.is_throttled({"t", 1}));
  quota.mark_throttled("t", {}, 1);
  EXPECT_FALSE(quota.is_throttled({"t", 0}));
}

TEST_F(ReplicationQuotaManagerTest, RefusesWhatIsNoListOfReplicas) {
  quota.mark_throttled("t", {"0:1"}, 1);
  for (const char* wrong : {"0", "a:b", "0:1:2", "*:1", "99999999999:1", "1:99999999999"})
    EXPECT_THROW(quota.mark_throttled("t", {wrong}, 1), ConfigException) << wrong;
  EXPECT_TRUE(quota.is_throttled({"t", 0}));  // as it was
}

TEST_F(ReplicationQuotaManagerTest, ShowsItsRateUnderKafkasName) {
  ReplicationQuotaManager leaders{test.node, metrics, ReplicationSide::kLeader};
  leaders.record(30);
  const auto value = [&](const char* type) {
    return metrics.snapshot().at({"kafka.server", type, "byte-rate", {}}).at("Value");
  };
  EXPECT_EQ(value("LeaderReplication"), 30);
  EXPECT_EQ(value("FollowerReplication"), 0);
}

}  // namespace
}  // namespace kafkascope

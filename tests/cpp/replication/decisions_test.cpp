// The pure decisions: how far a follower is, who is in sync, where the high watermark may go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replication/high_watermark.h"
#include "replication/rack_aware_replica_selector.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

FollowerFetch fetch_at(Offset offset, Offset leader_end, Instant time, BrokerEpoch epoch = -1) {
  return {.fetch_offset = {offset},
          .log_start_offset = 0,
          .leader_log_end_offset = leader_end,
          .broker_epoch = epoch,
          .time = time};
}

Replica follower_at(Offset end, std::optional<Instant> caught_up = std::nullopt) {
  Replica follower;
  follower.log_end_offset = {end};
  follower.last_caught_up_time = caught_up;
  return follower;
}

TEST(ReplicaTest, WhoAsksForTheLeadersEndHasCaughtUpNow) {
  Replica follower;
  EXPECT_TRUE(follower.update_fetch_state(fetch_at(10, 10, 5s)));
  EXPECT_EQ(follower.last_caught_up_time, 5s);
}

TEST(ReplicaTest, WhoAsksForWhatWasTheEndAtItsLastFetchHadCaughtUpThen) {
  Replica follower;
  follower.update_fetch_state(fetch_at(0, 10, 5s));
  EXPECT_EQ(follower.last_caught_up_time, std::nullopt);
  follower.update_fetch_state(fetch_at(10, 20, 7s));
  EXPECT_EQ(follower.last_caught_up_time, 5s);
  follower.update_fetch_state(fetch_at(15, 30, 9s));  // 20 was the end at 7 s: not reached
  EXPECT_EQ(follower.last_caught_up_time, 5s);
}

TEST(ReplicaTest, IsCaughtUpAtTheEndHoweverLongAgoAndNearItForAWhile) {
  const Replica follower = follower_at(10, 5s);
  EXPECT_TRUE(follower.is_caught_up(10, 1000s, 30s));
  EXPECT_TRUE(follower.is_caught_up(11, 35s, 30s));
  EXPECT_FALSE(follower.is_caught_up(11, 36s, 30s));
  EXPECT_FALSE(follower_at(10).is_caught_up(11, 0s, 30s)) << "never caught up";
}

TEST(ReplicaTest, AFetchOfAnEarlierLifeChangesNothing) {
  Replica follower;
  EXPECT_TRUE(follower.update_fetch_state(fetch_at(5, 10, 1s, 7)));
  EXPECT_FALSE(follower.update_fetch_state(fetch_at(10, 10, 2s, 6)));
  EXPECT_EQ(follower.log_end_offset.message_offset, 5);
  EXPECT_TRUE(follower.update_fetch_state(fetch_at(6, 10, 2s, 8)));
  EXPECT_EQ(follower.broker_epoch, 8);
}

TEST(ReplicaTest, ANewLeaderKnowsOfNoFetchAReelectedOneKeepsTheOffset) {
  Replica follower;
  follower.update_fetch_state(fetch_at(10, 10, 5s));
  Replica kept = follower;
  kept.reset(8s, 12, false, true);
  EXPECT_EQ(kept.log_end_offset.message_offset, 10);
  EXPECT_EQ(kept.last_fetch_leader_log_end_offset, 12);
  EXPECT_EQ(kept.last_caught_up_time, 8s);
  follower.reset(8s, 12, true, false);
  EXPECT_EQ(follower.log_end_offset.message_offset, kNoOffset);
  EXPECT_EQ(follower.last_caught_up_time, std::nullopt) << "nobody waits for one out of the ISR";
}

TEST(IsrTest, TheMaximalIsrHasWhoJoinsAndKeepsWhoLeaves) {
  const std::vector<BrokerId> committed{1, 2};
  EXPECT_THAT(maximal_isr(committed, std::nullopt), ElementsAre(1, 2));
  EXPECT_THAT(maximal_isr(committed, PendingIsrChange{{1, 0, {1, 2, 3}, 0}, true}),
              ElementsAre(1, 2, 3));
  EXPECT_THAT(maximal_isr(committed, PendingIsrChange{{1, 0, {1}, 0}, false}), ElementsAre(1, 2));
}

TEST(IsrTest, AFollowerJoinsAtTheHighWatermarkAndNotBelowTheEpoch) {
  EXPECT_TRUE(is_follower_in_sync(follower_at(10), 10, 5));
  EXPECT_FALSE(is_follower_in_sync(follower_at(9), 10, 5));
  EXPECT_FALSE(is_follower_in_sync(follower_at(11), 10, 12)) << "below the start of the epoch";
  EXPECT_TRUE(is_follower_in_sync(follower_at(12), 10, 12));
}

TEST(IsrTest, OutOfSyncIsWhoLagsTooLongOrIsUnknown) {
  const Replicas followers{{2, follower_at(5, 1s)}, {3, follower_at(10)}};
  EXPECT_THAT(out_of_sync_replicas({1, 2, 3, 4}, 1, followers, 10, 31s, 30s), ElementsAre(4));
  EXPECT_THAT(out_of_sync_replicas({1, 2, 3, 4}, 1, followers, 10, 32s, 30s), ElementsAre(2, 4));
  EXPECT_THAT(out_of_sync_replicas({1}, 1, followers, 10, 100s, 30s), IsEmpty());
}

TEST(IsrTest, WhatFollowsARefusal) {
  for (ErrorCode code : {ErrorCode::kOperationNotAttempted, ErrorCode::kIneligibleReplica})
    EXPECT_EQ(after_refusal(code), AfterRefusal::kReset);
  for (ErrorCode code : {ErrorCode::kInvalidUpdateVersion, ErrorCode::kFencedLeaderEpoch,
                         ErrorCode::kUnknownTopicId, ErrorCode::kUnknownTopicOrPartition,
                         ErrorCode::kInvalidRequest, ErrorCode::kNewLeaderElected}) {
    EXPECT_EQ(after_refusal(code), AfterRefusal::kStay);
  }
  EXPECT_EQ(after_refusal(ErrorCode::kUnknownServerError), AfterRefusal::kRetry);
}

struct HighWatermarkCase {
  const char* what;
  Replicas followers;
  std::vector<BrokerId> maximal_isr;
  std::set<BrokerId> dead;
  Offset expected;
};

TEST(HighWatermarkTest, IsTheSmallestEndOfThoseThatAreWaitedFor) {
  const Instant now = 100s;
  const std::vector<HighWatermarkCase> cases{
      {"alone: its own end", {}, {1}, {}, 20},
      {"the slowest of the ISR", {{2, follower_at(15)}, {3, follower_at(12)}}, {1, 2, 3}, {}, 12},
      {"nobody waits for one out of the ISR",
       {{2, follower_at(15)}, {3, follower_at(3)}},
       {1, 2},
       {},
       15},
      {"one in the ISR that has not fetched yet holds it back",
       {{2, Replica()}, {3, follower_at(15)}},
       {1, 2, 3},
       {},
       kNoOffset},
      {"one that has caught up and will join is waited for",
       {{2, follower_at(18)}, {3, follower_at(14, 90s)}},
       {1, 2},
       {},
       14},
      {"one that had caught up too long ago is not",
       {{2, follower_at(18)}, {3, follower_at(14, 60s)}},
       {1, 2},
       {},
       18},
      {"one whose broker is dead cannot join",
       {{2, follower_at(18)}, {3, follower_at(14, 90s)}},
       {1, 2},
       {3},
       18},
      {"a member of the ISR counts though its broker is dead",
       {{2, follower_at(11)}},
       {1, 2},
       {2},
       11},
  };
  for (const HighWatermarkCase& one : cases) {
    const std::function<bool(BrokerId)> lives = [&](BrokerId id) { return !one.dead.contains(id); };
    EXPECT_EQ(
        next_high_watermark({{20}, one.followers, one.maximal_isr, now, 30s, lives}).message_offset,
        one.expected)
        << one.what;
  }
}

TEST(HighWatermarkTest, KeepsWhereItLiesInTheFiles) {
  Replica follower;
  follower.log_end_offset = {12, 8, 300};
  const std::function<bool(BrokerId)> lives = [](BrokerId) { return true; };
  EXPECT_EQ(next_high_watermark({{20, 8, 900}, {{2, follower}}, {1, 2}, 0s, 30s, lives}),
            (LogOffsetMetadata{12, 8, 300}));
}

TEST(RackAwareReplicaSelectorTest, ChoosesTheFurthestReplicaOfTheRack) {
  const ReplicaView leader{1, "a", 20, 0s};
  EXPECT_EQ(select_rack_aware("b", {leader, {2, "b", 15, 0s}, {3, "b", 18, 0s}, {4, "c", 20, 0s}}),
            3);
  EXPECT_EQ(select_rack_aware("b", {leader, {2, "b", 18, 5s}, {3, "b", 18, 9s}}), 2)
      << "equally far: who caught up last";
  EXPECT_EQ(select_rack_aware("a", {leader, {2, "a", 20, 0s}}), std::nullopt) << "the leader";
  EXPECT_EQ(select_rack_aware("d", {leader, {2, "b", 20, 0s}}), std::nullopt) << "nobody there";
  EXPECT_EQ(select_rack_aware("", {leader, {2, "", 20, 0s}}), std::nullopt) << "no rack";
}

}  // namespace
}  // namespace kafkascope

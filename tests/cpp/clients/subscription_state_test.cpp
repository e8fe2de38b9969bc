#include "clients/consumer/subscription_state.h"

#include <gtest/gtest.h>

#include "common/errors.h"
#include "manual_node.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

class SubscriptionStateTest : public testing::Test {
 protected:
  ManualNode test;
  SubscriptionState state{test.node, OffsetResetStrategy::kEarliest};
  const TopicPartition tp{"t", 0};
  const TopicPartition other{"t", 1};
};

TEST_F(SubscriptionStateTest, AssignKeepsPositionsOfWhatStays) {
  state.assign_from_user({tp});
  state.seek(tp, {42});
  state.assign_from_user({tp, other});
  EXPECT_EQ(state.position(tp)->offset, 42);
  EXPECT_FALSE(state.position(other).has_value());
  state.assign_from_user({other});
  EXPECT_FALSE(state.position(tp).has_value());
  EXPECT_EQ(state.assignment_id(), 3);
}

TEST_F(SubscriptionStateTest, AssignAndSubscribeExcludeEachOther) {
  state.assign_from_user({tp});
  EXPECT_THROW(state.subscribe({"t"}), KafkaException);
  state.unsubscribe();
  state.subscribe({"t"});
  EXPECT_THROW(state.assign_from_user({tp}), KafkaException);
}

TEST_F(SubscriptionStateTest, ResetsFollowTheStrategyThatWasAsked) {
  state.assign_from_user({tp});
  EXPECT_FALSE(state.has_all_fetch_positions());
  state.reset_initializing_positions();
  const Instant now = test.clock.monotonic();
  EXPECT_EQ(state.partitions_needing_reset(now).at(tp), OffsetResetStrategy::kEarliest);
  state.request_offset_reset(tp, OffsetResetStrategy::kLatest);
  EXPECT_FALSE(state.complete_reset(tp, OffsetResetStrategy::kEarliest, {0}))
      << "the answer to the older question";
  EXPECT_TRUE(state.complete_reset(tp, OffsetResetStrategy::kLatest, {100}));
  EXPECT_EQ(state.position(tp)->offset, 100);
  EXPECT_TRUE(state.is_fetchable(tp));
}

TEST_F(SubscriptionStateTest, RetriesWaitForTheirBackoff) {
  state.assign_from_user({tp});
  state.reset_initializing_positions();
  const Instant now = test.clock.monotonic();
  state.set_next_allowed_retry({tp}, now + 100ms);
  EXPECT_TRUE(state.partitions_needing_reset(now).empty());
  EXPECT_EQ(state.next_retry(), now + 100ms);
  EXPECT_EQ(state.partitions_needing_reset(now + 100ms).size(), 1u);
}

TEST_F(SubscriptionStateTest, NoStrategyMeansAnError) {
  SubscriptionState strict(test.node, OffsetResetStrategy::kNone);
  strict.assign_from_user({tp});
  EXPECT_THROW(strict.reset_initializing_positions(), KafkaException);
}

TEST_F(SubscriptionStateTest, AdvanceOnlyFromWhereTheRecordsBegan) {
  state.assign_from_user({tp});
  state.seek(tp, {10});
  EXPECT_FALSE(state.advance(tp, 5, {20}));
  EXPECT_TRUE(state.advance(tp, 10, {20}));
  state.pause(tp);
  EXPECT_FALSE(state.is_fetchable(tp));
  EXPECT_TRUE(state.fetchable_partitions().empty());
  state.resume(tp);
  EXPECT_EQ(state.fetchable_partitions().size(), 1u);
}

TEST_F(SubscriptionStateTest, ANewLeaderMustValidateThePosition) {
  state.assign_from_user({tp});
  state.seek(tp, {10, 3, 1, 3});
  EXPECT_FALSE(state.maybe_validate_position(tp, 1, 3, true)) << "the same leader";
  EXPECT_TRUE(state.maybe_validate_position(tp, 2, 4, true));
  EXPECT_FALSE(state.is_fetchable(tp));
  const Instant now = test.clock.monotonic();
  const FetchPosition asked = state.partitions_needing_validation(now).at(tp);
  EXPECT_EQ(asked.offset_epoch, 3);
  EXPECT_FALSE(state.complete_validation(tp, asked, 3, 12).has_value());
  EXPECT_TRUE(state.is_fetchable(tp));
  EXPECT_EQ(state.position(tp)->offset, 10);
}

TEST_F(SubscriptionStateTest, TruncatedPositionsGoBackToWhereTheLogsPart) {
  state.assign_from_user({tp});
  state.seek(tp, {10, 3, 1, 3});
  ASSERT_TRUE(state.maybe_validate_position(tp, 2, 4, true));
  const FetchPosition asked = *state.position(tp);
  EXPECT_FALSE(state.complete_validation(tp, asked, 3, 7).has_value());
  EXPECT_EQ(state.position(tp)->offset, 7);

  SubscriptionState strict(test.node, OffsetResetStrategy::kNone);
  strict.assign_from_user({tp});
  strict.seek(tp, {10, 3, 1, 3});
  ASSERT_TRUE(strict.maybe_validate_position(tp, 2, 4, true));
  const auto truncation = strict.complete_validation(tp, *strict.position(tp), 3, 7);
  ASSERT_TRUE(truncation.has_value());
  EXPECT_EQ(truncation->diverging_offset->offset, 7);
}

TEST_F(SubscriptionStateTest, LagCountsFromTheRightEnd) {
  state.assign_from_user({tp});
  EXPECT_FALSE(state.lag(tp, IsolationLevel::kReadUncommitted).has_value());
  state.seek(tp, {10});
  state.update_offsets(tp, 100, 60, 0);
  EXPECT_EQ(state.lag(tp, IsolationLevel::kReadUncommitted), 90);
  EXPECT_EQ(state.lag(tp, IsolationLevel::kReadCommitted), 50);
}

TEST_F(SubscriptionStateTest, APreferredReplicaExpires) {
  state.assign_from_user({tp});
  const Instant now = test.clock.monotonic();
  state.set_preferred_read_replica(tp, 3, now + 1s);
  EXPECT_EQ(state.preferred_read_replica(tp, now), 3);
  EXPECT_FALSE(state.preferred_read_replica(tp, now + 1s).has_value());
}

}  // namespace
}  // namespace kafkascope

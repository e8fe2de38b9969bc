// The ISR of a leader: who joins, who leaves, and what the high watermark does meanwhile.
#include "partition_test_support.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class PartitionIsrTest : public PartitionTest {};

TEST_F(PartitionIsrTest, TheHighWatermarkAdvancesWithEachFetch) {
  make();
  lead();
  for (int i = 0; i < 3; ++i) append(5);
  fetch_as(2, 15);
  EXPECT_EQ(high_watermark(), 0) << "broker 3 has not fetched yet";
  fetch_as(3, 5);
  EXPECT_EQ(high_watermark(), 5);
  fetch_as(3, 10);
  EXPECT_EQ(high_watermark(), 10);
  const int before = wakes_;
  fetch_as(3, 10);
  EXPECT_EQ(wakes_, before) << "nobody is woken for nothing";
  fetch_as(3, 15);
  EXPECT_EQ(high_watermark(), 15);
}

TEST_F(PartitionIsrTest, AFollowerThatHasReachedTheHighWatermarkJoins) {
  make();
  lead(0, {1, 2});
  append(5);
  append(5);
  fetch_as(2, 5);
  fetch_as(3, 0);
  EXPECT_THAT(controller_.proposals, IsEmpty()) << "below the high watermark";
  fetch_as(3, 5);
  ASSERT_THAT(controller_.proposals, SizeIs(1));
  EXPECT_EQ(controller_.proposals[0].proposed, (LeaderAndIsr{1, 0, {1, 2, 3}, 0}));
  EXPECT_EQ(controller_.proposals[0].controller_epoch, 5);
  EXPECT_THAT(isr(), ElementsAre(1, 2)) << "not before the controller says so";
  controller_.accept();
  EXPECT_THAT(isr(), ElementsAre(1, 2, 3));
  EXPECT_EQ(partition_->state().partition_epoch, 1);
  EXPECT_THAT(updates_, ElementsAre(IsrUpdate::kExpanded));
}

TEST_F(PartitionIsrTest, TheEpochsStartHoldsAFollowerBackThatHasTheHighWatermark) {
  make();
  // A follower's log: 10 records, of which 4 are known to be committed.
  partition_->make_follower(state_of(2, 0, {2}, 0));
  partition_->log()->append_as_follower(follower_batch(0, 10));
  partition_->log()->update_high_watermark(4);
  lead(1, {1, 2}, 1);
  fetch_as(3, 6);
  EXPECT_THAT(controller_.proposals, IsEmpty()) << "its records may differ from the leader's";
  fetch_as(3, 10);
  EXPECT_THAT(controller_.proposals, SizeIs(1));
}

TEST_F(PartitionIsrTest, ADeadBrokersReplicaDoesNotJoin) {
  make();
  lead(0, {1});
  kill_broker(3);
  fetch_as(3, 0);
  EXPECT_THAT(controller_.proposals, IsEmpty());
}

TEST_F(PartitionIsrTest, WhoIsAboutToJoinHoldsTheHighWatermarkBack) {
  make();
  lead(0, {1, 2});
  append(5);
  fetch_as(2, 5);
  fetch_as(3, 5);  // proposed
  append(5);
  fetch_as(2, 10);
  EXPECT_EQ(high_watermark(), 5) << "broker 3 counts already";
  test.clock.advance(60s);
  append(5);
  fetch_as(2, 15);
  EXPECT_EQ(high_watermark(), 5) << "however long it lags, as the controller may have it in";
  controller_.refuse(ErrorCode::kIneligibleReplica);
  fetch_as(2, 15);
  append(1);
  fetch_as(2, 16);
  EXPECT_EQ(high_watermark(), 16) << "refused: nobody waits for it";
  EXPECT_THAT(updates_, ElementsAre(IsrUpdate::kFailed));
}

TEST_F(PartitionIsrTest, WhoLagsTooLongLeavesAndIsWaitedForUntilTheControllerAgrees) {
  make();
  lead();
  append(5);
  fetch_as(2, 5);
  test.clock.advance(30s);
  partition_->maybe_shrink_isr();
  EXPECT_THAT(controller_.proposals, IsEmpty());
  test.clock.advance(1ms);
  partition_->maybe_shrink_isr();
  ASSERT_THAT(controller_.proposals, SizeIs(1));
  EXPECT_THAT(controller_.proposals[0].proposed.isr, ElementsAre(1, 2));
  partition_->maybe_shrink_isr();
  EXPECT_THAT(controller_.proposals, SizeIs(1)) << "one change at a time";
  EXPECT_EQ(high_watermark(), 0);
  const int before = wakes_;
  controller_.accept();
  EXPECT_EQ(high_watermark(), 5) << "what held it back is gone";
  EXPECT_EQ(wakes_, before + 1);
  EXPECT_THAT(updates_, ElementsAre(IsrUpdate::kShrunk));
}

TEST_F(PartitionIsrTest, WhoFetchesWithoutProgressLeavesToo) {
  make();
  lead(0, {1, 2});
  append(5);
  append(5);
  for (int i = 0; i < 4; ++i) {
    fetch_as(2, 5);
    test.clock.advance(10s);
  }
  partition_->maybe_shrink_isr();
  EXPECT_THAT(controller_.proposals, SizeIs(1));
}

TEST_F(PartitionIsrTest, AfterAnOutdatedProposalTheLeaderWaitsForTheController) {
  make();
  lead(0, {1});
  fetch_as(2, 0);
  controller_.refuse(ErrorCode::kInvalidUpdateVersion);
  fetch_as(2, 0);
  fetch_as(3, 0);
  EXPECT_THAT(controller_.proposals, IsEmpty()) << "its picture is old: nothing is based on it";
  lead(1, {1}, 4);
  fetch_as(2, 0);
  ASSERT_THAT(controller_.proposals, SizeIs(1));
  EXPECT_EQ(controller_.proposals[0].proposed, (LeaderAndIsr{1, 1, {1, 2}, 4}));
}

TEST_F(PartitionIsrTest, ARefusalWithoutMeaningIsTriedAgain) {
  make();
  lead(0, {1});
  fetch_as(2, 0);
  controller_.refuse(ErrorCode::kUnknownServerError);
  ASSERT_THAT(controller_.proposals, SizeIs(1));
  EXPECT_THAT(controller_.proposals[0].proposed.isr, ElementsAre(1, 2));
}

TEST_F(PartitionIsrTest, ALateAnswerDoesNotUndoWhatTheControllerSaidSince) {
  make();
  lead(0, {1});
  fetch_as(2, 0);
  const auto late = controller_.take();
  lead(1, {1, 3}, 3);
  late.answer(LeaderAndIsr{1, 0, {1, 2}, 1});
  EXPECT_THAT(isr(), ElementsAre(1, 3));
  EXPECT_EQ(partition_->state().partition_epoch, 3);
  EXPECT_THAT(updates_, IsEmpty());
}

TEST_F(PartitionIsrTest, AnAnswerWithAnotherEpochIsNotTaken) {
  make();
  lead(2, {1}, 7);
  fetch_as(2, 0);
  controller_.take().answer(LeaderAndIsr{1, 3, {1, 2}, 8});
  EXPECT_THAT(isr(), ElementsAre(1));
  EXPECT_THAT(updates_, ElementsAre(IsrUpdate::kFailed));
  EXPECT_TRUE(partition_->describe().isr_change_pending);
}

TEST_F(PartitionIsrTest, AnAnswerAfterThePartitionIsGoneIsNoHarm) {
  make();
  lead(0, {1});
  fetch_as(2, 0);
  partition_.reset();
  controller_.accept();
  EXPECT_THAT(updates_, IsEmpty());
}

TEST_F(PartitionIsrTest, WithTooFewInSyncNothingIsAcceptedNorCommitted) {
  make({{"min.insync.replicas", "2"}});
  lead(0, {1});
  EXPECT_EQ(append(5).error, ErrorCode::kNotEnoughReplicas);
  EXPECT_EQ(append(5, 1).error, ErrorCode::kNone);
  EXPECT_EQ(high_watermark(), 0) << "one replica has it: that is not committed";
  EXPECT_TRUE(partition_->is_under_min_isr());
  fetch_as(2, 0);
  controller_.accept();
  fetch_as(2, 5);
  EXPECT_EQ(high_watermark(), 5);
  EXPECT_TRUE(partition_->is_at_min_isr());
}

TEST_F(PartitionIsrTest, TooFewInSyncAfterTheAppendIsAnErrorOfItsOwn) {
  make({{"min.insync.replicas", "2"}});
  lead(0, {1, 2});
  ASSERT_EQ(append(5).error, ErrorCode::kNone);
  EXPECT_FALSE(*partition_->check_enough_replicas_reach_offset(5));
  fetch_as(2, 5);
  EXPECT_TRUE(*partition_->check_enough_replicas_reach_offset(5));
  append(5);
  test.clock.advance(31s);
  partition_->maybe_shrink_isr();
  EXPECT_TRUE(*partition_->check_enough_replicas_reach_offset(5)) << "not agreed upon yet";
  controller_.accept();
  EXPECT_EQ(partition_->check_enough_replicas_reach_offset(5).code(),
            ErrorCode::kNotEnoughReplicasAfterAppend);
  EXPECT_FALSE(*partition_->check_enough_replicas_reach_offset(10));
}

TEST_F(PartitionIsrTest, MinIsrAboveTheNumberOfReplicasMeansAllOfThem) {
  make({{"min.insync.replicas", "5"}});
  partition_->make_leader(state_of(kLocal, 0, {1, 2}, 0, {1, 2}));
  EXPECT_EQ(append(5).error, ErrorCode::kNone);
}

TEST_F(PartitionIsrTest, ReplicasThatAReassignmentAddsAreNotMissed) {
  make();
  PartitionState state = state_of(kLocal, 0, {1, 2}, 0);
  state.adding_replicas = {3};
  partition_->make_leader(state);
  EXPECT_TRUE(partition_->is_reassigning());
  EXPECT_TRUE(partition_->is_adding_replica(3));
  EXPECT_FALSE(partition_->is_under_replicated());
  lead(1, {1, 2}, 1);
  EXPECT_TRUE(partition_->is_under_replicated());
}

TEST_F(PartitionIsrTest, ThePictureShowsWhoIsHowFar) {
  make();
  lead(0, {1, 2});
  append(5);
  fetch_as(2, 5);
  fetch_as(3, 2);
  test.clock.advance(2s);
  const PartitionDescription picture = partition_->describe();
  ASSERT_THAT(picture.replicas, SizeIs(3));
  EXPECT_TRUE(picture.replicas[0].is_local);
  EXPECT_EQ(picture.replicas[1].lag, 0);
  EXPECT_EQ(picture.replicas[1].ms_since_caught_up, 2000);
  EXPECT_FALSE(picture.replicas[2].is_in_sync);
  EXPECT_EQ(picture.replicas[2].lag, 3);
  EXPECT_EQ(picture.replicas[2].ms_since_caught_up, std::nullopt);
}

// Each planted bug shows where the rule above holds.
class DefectTest : public PartitionTest {};

TEST_F(DefectTest, HighWatermarkFromTheIsrPassesWhoIsAboutToJoin) {
  make({}, {.high_watermark_from_isr = true});
  lead(0, {1, 2});
  append(5);
  fetch_as(2, 5);
  fetch_as(3, 5);
  append(5);
  fetch_as(2, 10);
  EXPECT_EQ(high_watermark(), 10);
}

TEST_F(DefectTest, HighWatermarkCountsAnOutOfSyncFollower) {
  make({}, {.high_watermark_counts_out_of_sync = true});
  lead(0, {1, 2});
  append(5);
  fetch_as(3, 5);
  EXPECT_EQ(high_watermark(), 5) << "broker 2, in sync, has nothing";
}

TEST_F(DefectTest, AcksAtTheLogsEnd) {
  make({}, {.ack_at_log_end = true});
  lead();
  append(5);
  EXPECT_TRUE(*partition_->check_enough_replicas_reach_offset(5));
}

TEST_F(DefectTest, MinIsrNotCheckedAfterTheAppend) {
  make({{"min.insync.replicas", "2"}}, {.no_min_isr_check_after_append = true});
  lead(0, {1, 2});
  append(5);
  fetch_as(2, 5);
  append(5);
  test.clock.advance(31s);
  partition_->maybe_shrink_isr();
  controller_.accept();
  EXPECT_TRUE(partition_->check_enough_replicas_reach_offset(5).ok());
}

TEST_F(DefectTest, ExpansionBeforeTheEpochsStart) {
  make({}, {.expand_isr_before_epoch_start = true});
  partition_->make_follower(state_of(2, 0, {2}, 0));
  partition_->log()->append_as_follower(follower_batch(0, 10));
  partition_->log()->update_high_watermark(4);
  lead(1, {1, 2}, 1);
  fetch_as(3, 6);
  EXPECT_THAT(controller_.proposals, SizeIs(1));
}

TEST_F(DefectTest, NoEpochCheckInFetch) {
  make({}, {.no_epoch_check_in_fetch = true});
  lead(3);
  EXPECT_TRUE(fetch(2, 0, 2).ok());
}

TEST_F(DefectTest, AFollowerKeepsItsOldLeader) {
  make({}, {.follower_keeps_old_leader = true});
  EXPECT_TRUE(partition_->make_follower(state_of(2, 0, {2, 3}, 0)));
  EXPECT_FALSE(partition_->make_follower(state_of(3, 1, {3}, 1)));
}

}  // namespace
}  // namespace kafkascope

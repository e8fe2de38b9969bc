// A partition's roles, who may ask it what, and the log of a follower.
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/epoch/epoch_entry.h"
#include "log/log_file_names.h"
#include "partition_test_support.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PartitionRolesTest : public PartitionTest {
 protected:
  /// A consumer's fetch; one that knows of followers gives its rack.
  Result<LogReadInfo> consume(Offset offset, bool from_any = false,
                              FetchIsolation isolation = FetchIsolation::kHighWatermark) {
    FetchParams params{.max_bytes = 1 << 20, .isolation = isolation};
    if (from_any) params.client = ClientMetadata{"b", "PLAINTEXT"};
    return partition_->fetch_records(params, {kT0, offset, 1 << 20}, 1 << 20, true, true);
  }
  Result<TimestampAndOffset> list(TimestampMs timestamp, std::optional<FetchIsolation> isolation =
                                                             FetchIsolation::kHighWatermark) {
    return partition_->fetch_offset_for_timestamp(timestamp, isolation, kNoLeaderEpoch, true);
  }
};

TEST_F(PartitionRolesTest, NothingIsServedBeforeTheControllerSaysWhoLeads) {
  make();
  EXPECT_EQ(append(1).error, ErrorCode::kNotLeaderOrFollower);
  EXPECT_EQ(partition_->check_leader(kNoLeaderEpoch), ErrorCode::kNotLeaderOrFollower);
}

TEST_F(PartitionRolesTest, AnOlderStateChangesNothing) {
  make();
  lead(3, {1, 2}, 5);
  EXPECT_FALSE(partition_->make_leader(state_of(kLocal, 3, {1}, 4))) << "partition epoch";
  EXPECT_FALSE(partition_->make_follower(state_of(2, 2, {2}, 6))) << "leader epoch";
  EXPECT_THAT(isr(), ElementsAre(1, 2));
  EXPECT_TRUE(partition_->is_leader());
}

TEST_F(PartitionRolesTest, AFollowerFollowsAnewWithEachEpoch) {
  make();
  EXPECT_TRUE(partition_->make_follower(state_of(2, 0, {2}, 0)));
  EXPECT_FALSE(partition_->make_follower(state_of(2, 0, {2, 1}, 1))) << "the same epoch";
  EXPECT_TRUE(partition_->make_follower(state_of(2, 1, {2, 1}, 2))) << "the same leader";
  EXPECT_THAT(isr(), IsEmpty()) << "only the leader knows";
  EXPECT_EQ(append(1).error, ErrorCode::kNotLeaderOrFollower);
}

TEST_F(PartitionRolesTest, MakeLeaderTellsWhetherItIsNew) {
  make();
  EXPECT_TRUE(partition_->make_leader(state_of(kLocal, 0, {1}, 0)));
  EXPECT_FALSE(partition_->make_leader(state_of(kLocal, 1, {1}, 1)));
}

TEST_F(PartitionRolesTest, ALeaderNotesWhereItsEpochBegins) {
  make();
  lead(0, {1}, 0);
  append(5);
  lead(4, {1}, 1);
  EXPECT_EQ(*partition_->last_offset_for_leader_epoch(4, 0, true), (EpochEntry{0, 5}));
  EXPECT_EQ(*partition_->last_offset_for_leader_epoch(4, 3, true), (EpochEntry{0, 5}));
  EXPECT_EQ(*partition_->last_offset_for_leader_epoch(4, 4, true), (EpochEntry{4, 5}));
  EXPECT_EQ(*partition_->last_offset_for_leader_epoch(4, 9, true), EpochEntry{});
  EXPECT_EQ(partition_->last_offset_for_leader_epoch(3, 0, true).code(),
            ErrorCode::kFencedLeaderEpoch);
}

TEST_F(PartitionRolesTest, EpochsOfRequestsAreChecked) {
  make();
  lead(3);
  EXPECT_EQ(partition_->check_leader(kNoLeaderEpoch), ErrorCode::kNone);
  EXPECT_EQ(partition_->check_leader(3), ErrorCode::kNone);
  EXPECT_EQ(partition_->check_leader(2), ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(partition_->check_leader(4), ErrorCode::kUnknownLeaderEpoch);
  EXPECT_EQ(fetch(2, 0, 2).code(), ErrorCode::kFencedLeaderEpoch);
  EXPECT_EQ(fetch(2, 0, 4).code(), ErrorCode::kUnknownLeaderEpoch);
  partition_->make_follower(state_of(2, 4, {2}, 1));
  EXPECT_EQ(partition_->check_leader(4), ErrorCode::kNotLeaderOrFollower);
  EXPECT_EQ(partition_->check_leader(3), ErrorCode::kFencedLeaderEpoch) << "the epoch first";
}

TEST_F(PartitionRolesTest, OnlyReplicasFetchAsReplicas) {
  make();
  lead(3);
  EXPECT_EQ(fetch(9, 0, 3).code(), ErrorCode::kUnknownLeaderEpoch) << "it may know more";
  EXPECT_EQ(fetch(9, 0).code(), ErrorCode::kNotLeaderOrFollower);
  EXPECT_TRUE(fetch(2, 0, 3).ok());
}

TEST_F(PartitionRolesTest, AFetchOfAnEarlierLifeOfABrokerIsRefused) {
  make();
  lead(0, {1});
  append(5);
  EXPECT_TRUE(fetch(2, 0, 0, kNoLeaderEpoch, 8).ok());
  EXPECT_EQ(fetch(2, 5, 0, kNoLeaderEpoch, 7).code(), ErrorCode::kNotLeaderOrFollower);
  EXPECT_TRUE(controller_.proposals.empty());
}

TEST_F(PartitionRolesTest, FollowersReadToTheEndConsumersToTheHighWatermark) {
  make();
  lead(0, {1, 2}, 0);
  append(5);
  fetch_as(2, 5);
  append(5);
  EXPECT_THAT(offsets_of(fetch(2, 5)->data.records), ElementsAre(5, 6, 7, 8, 9));
  EXPECT_TRUE(consume(5)->data.records.empty());
  EXPECT_THAT(offsets_of(consume(0)->data.records), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(PartitionRolesTest, AConsumerMayReadFromAFollowerWhatIsCommitted) {
  make();
  partition_->make_follower(state_of(2, 0, {2}, 0));
  partition_->append_records_to_follower(follower_batch(0, 5));
  partition_->append_records_to_follower(follower_batch(5, 5));
  partition_->log()->update_high_watermark(5);
  EXPECT_EQ(consume(0).code(), ErrorCode::kNotLeaderOrFollower) << "an old consumer may not";
  EXPECT_THAT(offsets_of(consume(0, true)->data.records), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(PartitionRolesTest, AFetcherThatDivergesIsToldWhere) {
  make();
  lead(0, {1}, 0);
  append(5);
  lead(3, {1}, 1);
  append(5);
  const auto diverging = fetch(2, 7, 3, 0);
  ASSERT_TRUE(diverging->diverging_epoch) << "epoch 0 ended at 5";
  EXPECT_EQ(*diverging->diverging_epoch, std::pair(0, Offset{5}));
  EXPECT_TRUE(diverging->data.records.empty());
  const auto unknown = fetch(2, 4, 3, 2);
  EXPECT_EQ(*unknown->diverging_epoch, std::pair(0, Offset{5})) << "no epoch 2 here";
  EXPECT_FALSE(fetch(2, 5, 3, 0)->diverging_epoch) << "they agree";
  EXPECT_EQ(fetch(2, 5, 3, 4).code(), ErrorCode::kOffsetOutOfRange) << "from the future";
  EXPECT_EQ(partition_->describe().replicas[1].log_end_offset, 5)
      << "a position that diverges counts for nothing";
}

TEST_F(PartitionRolesTest, ANewLeaderDoesNotKnowTheEndUntilItsEpochIsCommitted) {
  make();
  partition_->make_follower(state_of(2, 0, {2}, 0));
  partition_->append_records_to_follower(follower_batch(0, 10));
  partition_->log()->update_high_watermark(4);
  lead(1, {1, 2}, 1);
  constexpr TimestampMs kEarliest = -2;
  constexpr TimestampMs kLatest = -1;
  constexpr TimestampMs kFirst = 1'500'000'000'000;
  EXPECT_EQ(list(kLatest).code(), ErrorCode::kOffsetNotAvailable);
  EXPECT_EQ(list(kFirst + 9).code(), ErrorCode::kOffsetNotAvailable) << "beyond what is committed";
  EXPECT_EQ(list(kFirst + 2)->offset, 2);
  EXPECT_EQ(list(kEarliest)->offset, 0);
  EXPECT_EQ(list(kLatest, std::nullopt)->offset, 10) << "a follower asks";
  fetch_as(2, 10);
  EXPECT_EQ(*list(kLatest), (TimestampAndOffset{kNoTimestamp, 10, 1}));
  EXPECT_EQ(list(kFirst + 9)->offset, 9);
  EXPECT_EQ(list(kFirst + 99)->offset, kNoOffset);
}

TEST_F(PartitionRolesTest, AFollowersLogTakesWhatFits) {
  make();
  partition_->make_follower(state_of(2, 0, {2}, 0));
  EXPECT_TRUE(partition_->append_records_to_follower(follower_batch(0, 5)).ok());
  EXPECT_FALSE(partition_->append_records_to_follower(follower_batch(4, 5)).ok());
  EXPECT_EQ(partition_->log()->log_end_offset(), 5);
}

TEST_F(PartitionRolesTest, AnEmptyLogBeginsWithTheBatchThatHoldsItsStart) {
  make();
  partition_->make_follower(state_of(2, 0, {2}, 0));
  partition_->truncate_fully_and_start_at(7);  // the leader's log start
  EXPECT_TRUE(partition_->append_records_to_follower(follower_batch(5, 5)).ok());
  EXPECT_EQ(partition_->log()->log_start_offset(), 5);
  EXPECT_EQ(partition_->log()->log_end_offset(), 10);
}

TEST_F(PartitionRolesTest, TruncationIsFollowedByTheCheckpoint) {
  make();
  partition_->make_follower(state_of(2, 0, {2}, 0));
  partition_->append_records_to_follower(follower_batch(0, 5));
  partition_->append_records_to_follower(follower_batch(5, 5));
  partition_->log()->flush();
  logs.checkpoint_log_recovery_offsets();
  partition_->truncate_to(5);
  EXPECT_EQ(partition_->log()->log_end_offset(), 5);
  const auto recovery_points =
      OffsetCheckpointFile(test.files, "/data", kRecoveryPointCheckpoint).read();
  EXPECT_EQ(recovery_points.at(kT0), 5);
}

TEST_F(PartitionRolesTest, TheLowWatermarkIsThatOfAllLiveReplicas) {
  make();
  lead(0, {1, 2}, 0);
  append(5);
  append(5);
  fetch_as(2, 10);
  EXPECT_EQ(partition_->delete_records_on_leader(11).code(), ErrorCode::kOffsetOutOfRange);
  const auto deleted = partition_->delete_records_on_leader(-1);
  EXPECT_EQ(deleted->requested, 10);
  EXPECT_EQ(deleted->low_watermark, -1) << "broker 3 has not fetched yet";
  kill_broker(3);
  EXPECT_EQ(*partition_->low_watermark_if_leader(), 0) << "broker 2 has not deleted yet";
  const int before = wakes_;
  const FetchParams params{.isolation = FetchIsolation::kLogEnd, .replica_id = 2};
  (void)partition_->fetch_records(params, {kT0, 10, 100, 0, kNoLeaderEpoch, 10}, 100, true, true);
  EXPECT_EQ(*partition_->low_watermark_if_leader(), 10);
  EXPECT_EQ(wakes_, before + 1) << "a DeleteRecords may wait for it";
  partition_->make_follower(state_of(2, 1, {2}, 1));
  EXPECT_EQ(partition_->low_watermark_if_leader().code(), ErrorCode::kNotLeaderOrFollower);
}

TEST_F(PartitionRolesTest, ACompactedLogsRecordsAreNotDeletedFromItsStart) {
  make({{"cleanup.policy", "compact"}});
  lead(0, {1});
  EXPECT_EQ(partition_->delete_records_on_leader(0).code(), ErrorCode::kPolicyViolation);
}

TEST_F(PartitionRolesTest, ADeletedPartitionServesNobodyWhoStillHoldsIt) {
  make();
  lead(0, {1});
  fetch_as(2, 0);
  partition_->mark_deleted();
  EXPECT_EQ(append(1).error, ErrorCode::kNotLeaderOrFollower);
  EXPECT_EQ(fetch(2, 0).code(), ErrorCode::kNotLeaderOrFollower);
  controller_.accept();
  EXPECT_THAT(isr(), IsEmpty()) << "a late answer";
}

}  // namespace
}  // namespace kafkascope

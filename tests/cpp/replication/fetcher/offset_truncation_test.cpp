#include "replication/fetcher/offset_truncation.h"

#include <gtest/gtest.h>

namespace kafkascope {
namespace {

constexpr ErrorCode kOk = ErrorCode::kNone;

TEST(OffsetTruncationTest, ToTheHighWatermarkWhereTheLeaderKnowsNoSuchEpoch) {
  EXPECT_EQ(truncation_to_epoch_end({kOk, -1, -1}, {4, 9, std::nullopt}),
            (OffsetTruncation{4, true}));
}

TEST(OffsetTruncationTest, ToTheEndOffsetOfALeaderThatDoesNotSayTheEpoch) {
  EXPECT_EQ(truncation_to_epoch_end({kOk, -1, 6}, {4, 9, std::nullopt}),
            (OffsetTruncation{6, true}));
  EXPECT_EQ(truncation_to_epoch_end({kOk, -1, 12}, {4, 9, std::nullopt}),
            (OffsetTruncation{9, true}));
}

TEST(OffsetTruncationTest, ToTheSmallestOfTheEndsWhereBothKnowTheEpoch) {
  const FollowerOffsets own{2, 9, EpochEntry{3, 7}};
  EXPECT_EQ(truncation_to_epoch_end({kOk, 3, 5}, own), (OffsetTruncation{5, true}));
  EXPECT_EQ(truncation_to_epoch_end({kOk, 3, 8}, own), (OffsetTruncation{7, true}));
  EXPECT_EQ(truncation_to_epoch_end({kOk, 3, 20}, {2, 6, EpochEntry{3, 7}}),
            (OffsetTruncation{6, true}));
}

TEST(OffsetTruncationTest, AnEpochThatWasNeverHereAsksForASecondRound) {
  EXPECT_EQ(truncation_to_epoch_end({kOk, 3, 8}, {2, 9, EpochEntry{1, 4}}),
            (OffsetTruncation{4, false}));
}

TEST(OffsetTruncationTest, AnEpochOlderThanAllKnownHereEndsAtTheLeadersEnd) {
  EXPECT_EQ(truncation_to_epoch_end({kOk, 0, 8}, {2, 9, std::nullopt}),
            (OffsetTruncation{8, true}));
}

TEST(OffsetTruncationTest, ResetsOutsideOfTheLeadersLog) {
  EXPECT_EQ(reset_of_offset(10, 0, 7), (OffsetReset{OffsetReset::kTruncate, 7}));
  EXPECT_EQ(reset_of_offset(10, 20, 30), (OffsetReset{OffsetReset::kTruncateFully, 20}));
  EXPECT_EQ(reset_of_offset(10, 0, 15), (OffsetReset{OffsetReset::kKeep, 10}));
  EXPECT_EQ(reset_of_offset(10, 10, 10), (OffsetReset{OffsetReset::kKeep, 10}));
}

}  // namespace
}  // namespace kafkascope

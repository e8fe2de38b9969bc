#include "log/log_description.h"
#include "log/log_test_support.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;

class LogReadTest : public testing::Test {
 protected:
  void append(int count, TimestampMs timestamp, LeaderEpoch epoch = 0) {
    ASSERT_TRUE(log->append_as_leader(make_batch(count, {}, timestamp), epoch).ok());
  }
  TimestampAndOffset at(TimestampMs timestamp) {
    return log->fetch_offset_by_timestamp(timestamp).value_or(TimestampAndOffset{});
  }

  LogTestNode test;
  std::shared_ptr<Log> log = open_log(test, small_config());
};

TEST_F(LogReadTest, OffsetsByTimestampAcrossSegments) {
  for (int i = 0; i < 60; ++i) append(3, 10'000 + 100 * i, i / 20);
  EXPECT_GT(log->number_of_segments(), 2);
  EXPECT_EQ(at(-2), (TimestampAndOffset{kNoTimestamp, 0, 0}));
  EXPECT_EQ(at(-1), (TimestampAndOffset{kNoTimestamp, 180, 2}));
  EXPECT_EQ(at(-3), (TimestampAndOffset{15'902, 179, 2}));
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(at(10'000 + 100 * i).offset, 3 * i);
    EXPECT_EQ(at(10'000 + 100 * i + 2),
              (TimestampAndOffset{10'000 + 100 * i + 2, 3 * i + 2, i / 20}));
  }
  for (int i = 0; i < 59; ++i) EXPECT_EQ(at(10'000 + 100 * i + 3).offset, 3 * i + 3);
  EXPECT_EQ(log->fetch_offset_by_timestamp(15'903), std::nullopt);
  EXPECT_EQ(at(0).offset, 0);
}

TEST_F(LogReadTest, TimestampsThatGoBackAreFoundInOffsetOrder) {
  append(1, 5000);
  append(1, 9000);
  append(1, 7000);
  append(1, 9500);
  EXPECT_EQ(at(6000).offset, 1);
  EXPECT_EQ(at(9001).offset, 3);
  EXPECT_EQ(at(-3).offset, 3);
}

TEST_F(LogReadTest, NothingBelowTheLogStartIsFound) {
  for (int i = 0; i < 10; ++i) append(1, 1000 * i);
  log->update_high_watermark(10);
  ASSERT_TRUE(log->delete_records(4).ok());
  EXPECT_EQ(at(-2).offset, 4);
  EXPECT_EQ(at(0).offset, 4);
  EXPECT_EQ(log->read(3, 100, FetchIsolation::kLogEnd, true).code(), ErrorCode::kOffsetOutOfRange);
  EXPECT_THAT(offsets_of(log->read(4, 1, FetchIsolation::kLogEnd, true).value().records),
              ElementsAre(4));
}

TEST_F(LogReadTest, EveryOffsetAndEveryLimitGivesAPrefixFromItsBatch) {
  for (int i = 0; i < 50; ++i) append(1 + i % 4, 1000);
  for (Offset offset = 0; offset < log->log_end_offset(); ++offset) {
    for (const int limit : {1, 300, 3000}) {
      const FetchDataInfo info = log->read(offset, limit, FetchIsolation::kLogEnd, true).value();
      const std::vector<Offset> offsets = offsets_of(info.records);
      ASSERT_FALSE(offsets.empty());
      EXPECT_LE(offsets.front(), offset);
      EXPECT_GE(offsets.back(), offset);
      EXPECT_LE(info.records.size(), static_cast<size_t>(std::max(limit, 400)));
    }
  }
}

TEST_F(LogReadTest, ReadCommittedListsEachAbortedTransactionThatOverlaps) {
  // Two producers, interleaved, over several segments; every split point of a fetch.
  std::vector<std::pair<AbortedTransaction, Offset>> aborted;  // and its last offset
  Offset open[2] = {-1, -1};
  int sequence[2] = {0, 0};
  RandomStream random(5, "txn");
  for (int i = 0; i < 150; ++i) {
    const auto p = static_cast<int>(random.below(2));
    const Offset offset = log->log_end_offset();
    if (open[p] >= 0 && random.chance(0.3)) {
      const bool commit = random.chance(0.5);
      ASSERT_TRUE(
          log->append_as_leader(end_marker(p + 1, 0, commit), 0, AppendOrigin::kCoordinator).ok());
      if (!commit) aborted.push_back({{p + 1, open[p]}, offset});
      open[p] = -1;
    } else {
      if (open[p] < 0) open[p] = offset;
      ASSERT_TRUE(
          log->append_as_leader(make_batch(2, from_producer(p + 1, 0, sequence[p], true)), 0).ok());
      sequence[p] += 2;
    }
  }
  EXPECT_GT(log->number_of_segments(), 2);
  log->update_high_watermark(log->log_end_offset());
  const Offset stable = log->last_stable_offset();
  Offset first_open = log->log_end_offset();
  for (const Offset offset : open) {
    if (offset >= 0) first_open = std::min(first_open, offset);
  }
  EXPECT_EQ(stable, first_open);
  for (Offset from = 0; from < stable; ++from) {
    const auto info = log->read(from, 500, FetchIsolation::kTxnCommitted, true).value();
    const std::vector<Offset> offsets = offsets_of(info.records);
    ASSERT_LT(offsets.back(), stable);
    for (const auto& [txn, last] : aborted) {
      const bool overlaps = txn.first_offset <= offsets.back() && last >= from;
      const bool listed =
          std::count(info.aborted_transactions->begin(), info.aborted_transactions->end(), txn) > 0;
      EXPECT_TRUE(listed || !overlaps) << "fetch " << from << " lacks " << txn.first_offset;
    }
    for (const AbortedTransaction& txn : *info.aborted_transactions) {
      EXPECT_TRUE(std::any_of(aborted.begin(), aborted.end(),
                              [&](const auto& a) { return a.first == txn && a.second >= from; }));
    }
  }
}

TEST_F(LogReadTest, HighWatermarkMovesAsAsked) {
  for (int i = 0; i < 5; ++i) append(1, 1000);
  EXPECT_EQ(log->high_watermark(), 0);
  EXPECT_EQ(log->update_high_watermark(99), 5) << "not above the log end";
  EXPECT_EQ(log->update_high_watermark(2), 2);
  EXPECT_EQ(log->maybe_increment_high_watermark(LogOffsetMetadata{4})->message_offset, 2);
  EXPECT_EQ(log->maybe_increment_high_watermark(LogOffsetMetadata{3}), std::nullopt);
  EXPECT_THROW(log->maybe_increment_high_watermark(LogOffsetMetadata{6}), KafkaException);
  EXPECT_EQ(log->high_watermark(), 4);
  EXPECT_EQ(log->offset_snapshot().high_watermark, log->convert_to_offset_metadata(4).value());
  EXPECT_EQ(log->convert_to_offset_metadata(6).code(), ErrorCode::kOffsetOutOfRange);
}

TEST_F(LogReadTest, EndOffsetsOfLeaderEpochs) {
  append(2, 1, 1);
  append(3, 1, 4);
  EXPECT_EQ(log->latest_epoch(), 4);
  EXPECT_EQ(log->describe().leader_epochs, (std::vector<EpochEntry>{{1, 0}, {4, 2}}));
  EXPECT_EQ(log->end_offset_for_epoch(4)->start_offset, 5);
  EXPECT_EQ(log->end_offset_for_epoch(3)->start_offset, 2);
  log->maybe_assign_epoch_start_offset(6, 5);
  EXPECT_EQ(log->end_offset_for_epoch(4)->start_offset, 5);
}

TEST_F(LogReadTest, AnOpenTransactionStaysOpenWhenTheLogStartPassesItsFirstRecord) {
  const auto transactional = [&](int sequence) {
    return make_batch(5, from_producer(7, 0, sequence, true));
  };
  ASSERT_TRUE(log->append_as_leader(transactional(0), 0, AppendOrigin::kCoordinator).ok());
  ASSERT_TRUE(log->append_as_leader(transactional(5), 0, AppendOrigin::kCoordinator).ok());
  append(5, 10'000);
  log->update_high_watermark(15);
  ASSERT_TRUE(log->delete_records(7).ok());
  EXPECT_EQ(log->last_stable_offset(), 7) << "7 to 9 are not committed";
  log->close();
  log = open_log(test, small_config(), 0, true, 7);
  log->update_high_watermark(15);
  EXPECT_EQ(log->last_stable_offset(), 7) << "also from a snapshot";
  ASSERT_TRUE(log->append_as_leader(end_marker(7, 0, false), 0, AppendOrigin::kCoordinator).ok());
  log->update_high_watermark(16);
  EXPECT_EQ(log->last_stable_offset(), 16);
  const auto read = log->read(7, 1 << 20, FetchIsolation::kTxnCommitted, true).value();
  EXPECT_THAT(*read.aborted_transactions, ElementsAre(AbortedTransaction{7, 0}));
}

}  // namespace
}  // namespace kafkascope

#include "log/producer_state_manager.h"
#include "log/log_test_support.h"
#include "log/producer_state_snapshot.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ProducerStateManagerTest : public testing::Test {
 protected:
  /// The batch at the map's end.
  std::optional<CompletedTxn> append(const SharedSlice& bytes,
                                     AppendOrigin origin = AppendOrigin::kClient) {
    MutableRecordBatch batch({const_cast<uint8_t*>(bytes.data()), bytes.size()});
    batch.set_last_offset(state.map_end_offset() + batch.view().count() - 1);
    ProducerAppendInfo info = state.prepare_update(batch.view().producer_id(), origin);
    const auto completed = info.append(batch.view(), std::nullopt);
    state.update(info);
    if (completed) state.complete_txn(*completed);
    state.update_map_end_offset(batch.view().next_offset());
    return completed;
  }
  ErrorCode error_of(const SharedSlice& bytes, AppendOrigin origin = AppendOrigin::kClient) {
    try {
      append(bytes, origin);
      return ErrorCode::kNone;
    } catch (const KafkaException& e) {
      return e.code();
    }
  }
  ProducerStateManager reloaded(Offset end) {
    ProducerStateManager other(test.node, {"t", 0}, "/data", 1000);
    other.truncate_and_reload(0, end, 0);
    return other;
  }

  LogTestNode test;
  ProducerStateManager state{test.node, {"t", 0}, "/data", 1000};
};

TEST_F(ProducerStateManagerTest, SequencesWrapAtTwoToThe31) {
  append(make_batch(2, from_producer(1, 0, INT32_MAX - 1)));
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 0, 5))), ErrorCode::kOutOfOrderSequenceNumber);
  EXPECT_EQ(error_of(make_batch(3, from_producer(1, 0, 0))), ErrorCode::kNone);
  EXPECT_EQ(state.last_entry(1)->last_seq(), 2);
  append(make_batch(4, from_producer(2, 0, INT32_MAX - 1)));
  EXPECT_EQ(state.last_entry(2)->last_seq(), 1);
  EXPECT_EQ(state.last_entry(2)->first_seq(), INT32_MAX - 1);
}

TEST_F(ProducerStateManagerTest, FollowersTakeWhatTheirLeaderTook) {
  append(make_batch(1, from_producer(1, 5, 0)));
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 5, 77)), AppendOrigin::kReplication),
            ErrorCode::kNone);
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 4, 0)), AppendOrigin::kReplication),
            ErrorCode::kNone);
}

TEST_F(ProducerStateManagerTest, FiveBatchesAreRemembered) {
  for (int i = 0; i < 8; ++i) append(make_batch(1, from_producer(1, 0, i)));
  const ProducerStateEntry& entry = *state.last_entry(1);
  EXPECT_EQ(entry.batches.size(), ProducerStateEntry::kNumBatchesToRetain);
  EXPECT_EQ(entry.first_seq(), 3);
  EXPECT_EQ(
      entry.find_duplicate(RecordBatch(make_batch(1, from_producer(1, 0, 3)).view()))->last_offset,
      3);
  EXPECT_FALSE(entry.find_duplicate(RecordBatch(make_batch(1, from_producer(1, 0, 2)).view())));
  EXPECT_FALSE(entry.find_duplicate(RecordBatch(make_batch(1, from_producer(1, 1, 3)).view())));
  EXPECT_FALSE(entry.find_duplicate(RecordBatch(make_batch(2, from_producer(1, 0, 3)).view())));
}

TEST_F(ProducerStateManagerTest, TransactionsAreUnstableUntilTheirMarkerIsReplicated) {
  append(make_batch(2));  // no producer
  append(make_batch(1, from_producer(1, 0, 0, true)));
  append(make_batch(1, from_producer(2, 0, 0, true)));
  EXPECT_EQ(state.first_unstable_offset()->message_offset, 2);
  const auto completed = append(end_marker(1, 0, false), AppendOrigin::kCoordinator);
  ASSERT_TRUE(completed.has_value());
  EXPECT_TRUE(completed->is_aborted);
  EXPECT_EQ(completed->first_offset, 2);
  EXPECT_EQ(completed->last_offset, 4);
  EXPECT_EQ(state.last_stable_offset(*completed), 3) << "producer 2's begins there";
  EXPECT_EQ(state.first_undecided_offset(), 3);
  EXPECT_EQ(state.first_unstable_offset()->message_offset, 2);
  state.on_high_watermark_updated(5);
  EXPECT_EQ(state.first_unstable_offset()->message_offset, 3);
  EXPECT_FALSE(append(end_marker(1, 0, true), AppendOrigin::kCoordinator).has_value())
      << "nothing is open";
}

TEST_F(ProducerStateManagerTest, WhatWasWrittenBeforeTheRememberedBatchesIsADuplicate) {
  for (int32_t sequence = 0; sequence < 10; ++sequence)
    append(make_batch(1, from_producer(1, 0, sequence)));
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 0, 2))), ErrorCode::kDuplicateSequenceNumber);
  EXPECT_EQ(error_of(make_batch(5, from_producer(1, 0, 8))), ErrorCode::kOutOfOrderSequenceNumber)
      << "partly new";
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 0, 11))), ErrorCode::kOutOfOrderSequenceNumber)
      << "a gap";
}

TEST_F(ProducerStateManagerTest, MarkersFenceAndAreFenced) {
  append(make_batch(1, from_producer(1, 3, 0, true)));
  EXPECT_EQ(error_of(end_marker(1, 2, true), AppendOrigin::kCoordinator),
            ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 3, 1))), ErrorCode::kInvalidTxnState);
  append(end_marker(1, 4, false, 9), AppendOrigin::kCoordinator);
  EXPECT_EQ(error_of(end_marker(1, 4, false, 8), AppendOrigin::kCoordinator),
            ErrorCode::kTransactionCoordinatorFenced);
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 3, 1, true))),
            ErrorCode::kInvalidProducerEpoch);
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 4, 1))), ErrorCode::kOutOfOrderSequenceNumber)
      << "the marker's epoch starts at 0";
  EXPECT_EQ(error_of(make_batch(1, from_producer(1, 4, 0))), ErrorCode::kNone);
}

TEST_F(ProducerStateManagerTest, SnapshotsBringItBack) {
  append(make_batch(3, from_producer(1, 2, 0)));
  append(make_batch(1, from_producer(2, 0, 0, true)));
  state.take_snapshot();
  EXPECT_TRUE(test.files.exists("/data/00000000000000000004.snapshot"));
  ProducerStateManager other = reloaded(10);
  EXPECT_EQ(other.map_end_offset(), 4);
  EXPECT_EQ(*other.last_entry(1), *state.last_entry(1));
  EXPECT_EQ(other.first_unstable_offset()->message_offset, 3);
  EXPECT_EQ(reloaded(3).map_end_offset(), 0)
      << "a snapshot above the end is of records that are gone";
  EXPECT_FALSE(test.files.exists("/data/00000000000000000004.snapshot"));
}

TEST_F(ProducerStateManagerTest, ADamagedSnapshotGivesWayToAnOlderOne) {
  append(make_batch(1, from_producer(1, 0, 0)));
  state.take_snapshot();
  append(make_batch(1, from_producer(1, 0, 1)));
  state.take_snapshot();
  const std::string newest = "/data/00000000000000000002.snapshot";
  const ByteBuffer good = read_file(test.files, newest);
  for (size_t at = 0; at < good.size(); ++at) {
    ByteBuffer bad = good;
    bad[at] ^= 0x40;
    EXPECT_THROW(decode_producer_snapshot(bad), SerializationException) << at;
    EXPECT_THROW(decode_producer_snapshot(ByteView(good).first(at)), SerializationException) << at;
  }
  test.files.open(newest, OpenMode::kReadWrite)->truncate(20);
  EXPECT_EQ(reloaded(10).map_end_offset(), 1);
  EXPECT_FALSE(test.files.exists(newest));
}

TEST_F(ProducerStateManagerTest, IdleProducersExpireOpenTransactionsDoNot) {
  const TimestampMs then = 1'500'000'000'000;
  append(make_batch(1, from_producer(1, 0, 0)));
  append(make_batch(1, from_producer(2, 0, 0, true)));
  EXPECT_EQ(state.remove_expired_producers(then + 999), 0);
  EXPECT_EQ(state.remove_expired_producers(then + 1000), 1);
  EXPECT_EQ(state.last_entry(1), nullptr);
  EXPECT_NE(state.last_entry(2), nullptr);
}

TEST_F(ProducerStateManagerTest, StraySnapshotsGo) {
  for (int i = 0; i < 5; ++i) {
    append(make_batch(1, from_producer(1, 0, i)));
    state.take_snapshot();
  }
  state.remove_stray_snapshots({0, 2, 4});
  std::vector<Offset> left;
  for (const auto& [offset, path] : state.snapshots()) left.push_back(offset);
  EXPECT_THAT(left, ElementsAre(2, 4, 5)) << "those of segments, and the newest";
  state.delete_snapshots_before(4);
  EXPECT_EQ(state.oldest_snapshot_offset(), 4);
  EXPECT_EQ(state.latest_snapshot_offset(), 5);
}

}  // namespace
}  // namespace kafkascope

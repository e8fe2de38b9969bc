#include "replication/fetcher/fetcher_test_support.h"

namespace kafkascope {
namespace {

using testing::ElementsAre;
using Strings = std::vector<std::string>;
using V = MetadataVersion;

FetchedPartition refusal(ErrorCode error) {
  FetchedPartition answer;
  answer.error = error;
  return answer;
}

class ReplicaFetcherThreadTest : public FetcherTest {
 protected:
  /// The leader has these records in epoch 0, the follower nothing yet.
  void begin(const Strings& values, ProtocolFeatures with = {}, FetcherDefects defects = {}) {
    start(with, defects);
    const std::string run = std::to_string(++runs_);
    leader->led[kT0].log = theirs = add_log("/leader " + run);
    write(*theirs, 0, values);
    own.logs[kT0] = ours = add_log("/follower " + run);
  }

  std::shared_ptr<Log> theirs, ours;
  int runs_ = 0;
};

TEST_F(ReplicaFetcherThreadTest, CopiesRecordsThenTheHighWatermarkAndTheLogStart) {
  begin({"a", "b"});
  theirs->update_high_watermark(1);
  follow(0);
  rounds(1);
  EXPECT_EQ(contents(*ours), (Strings{"0:a", "0:b"}));
  EXPECT_EQ(ours->high_watermark(), 1);
  EXPECT_EQ(state().lag, 0);
  theirs->update_high_watermark(2);
  (void)theirs->maybe_increment_log_start_offset(1, "test");
  rounds(1);
  EXPECT_EQ(ours->high_watermark(), 2);
  EXPECT_EQ(ours->log_start_offset(), 1);
  EXPECT_THAT(own.completed, ElementsAre(kT0, kT0));
  rounds(1);
  EXPECT_EQ(own.completed.size(), 2u);  // nothing moved
}

TEST_F(ReplicaFetcherThreadTest, TheHighWatermarkDoesNotPassTheOwnLogEnd) {
  begin({"a", "b", "c"});
  FetchedPartition first;  // one batch of three, although all are committed
  first.high_watermark = 3;
  first.log_start_offset = 0;
  first.records = theirs->read(0, 1, FetchIsolation::kLogEnd, true)->records.to_slice();
  leader->scripted[kT0] = {first};
  follow(0);
  rounds(1);
  EXPECT_EQ(ours->log_end_offset(), 1);
  EXPECT_EQ(ours->high_watermark(), 1);
  EXPECT_EQ(state().lag, 2);
}

TEST_F(ReplicaFetcherThreadTest, AFetchSaysOffsetEpochLogStartAndLastFetchedEpoch) {
  begin({"a"});
  leader->led[kT0].epoch = 4;
  write(*theirs, 4, {"b"});
  follow(4);
  rounds(2);
  const FetchPartitionData asked = leader->last_fetch.at(kT0);
  EXPECT_EQ(asked.fetch_offset, 2);
  EXPECT_EQ(asked.log_start_offset, 0);
  EXPECT_EQ(asked.current_leader_epoch, 4);
  EXPECT_EQ(asked.last_fetched_epoch, 4);
}

TEST_F(ReplicaFetcherThreadTest, Before27AFetchDoesNotSayTheLastFetchedEpoch) {
  begin({"a"}, {V::k2_6_Iv0});
  follow(0);
  rounds(2);
  EXPECT_EQ(leader->last_fetch.at(kT0).last_fetched_epoch, kNoLeaderEpoch);
  EXPECT_EQ(leader->last_fetch.at(kT0).current_leader_epoch, 0);
}

TEST_F(ReplicaFetcherThreadTest, ThePlantedDefectSaysNoEpoch) {
  begin({"a"}, {}, {.no_epoch_in_fetch = true});
  leader->led[kT0].epoch = 1;  // would fence epoch 0
  follow(0);
  rounds(1);
  EXPECT_EQ(leader->last_fetch.at(kT0).current_leader_epoch, kNoLeaderEpoch);
  EXPECT_EQ(contents(*ours), (Strings{"0:a"}));
}

TEST_F(ReplicaFetcherThreadTest, ALogWithoutEpochsIsCutToItsHighWatermark) {
  begin({"a", "b", "c"});
  MemoryRecordsBuilder::Options old;
  old.magic = 1;  // before epochs
  for (Offset at = 0; at < 2; ++at) {
    old.base_offset = at;
    MemoryRecordsBuilder builder(old);
    builder.append(1'500'000'000'000, std::nullopt, as_bytes("old"));
    ASSERT_TRUE(ours->append_as_follower(SharedSlice::of(builder.close())).ok());
  }
  ours->update_high_watermark(1);
  follow(0);
  EXPECT_EQ(state().state, ReplicaState::kTruncating);
  rounds(1);
  EXPECT_EQ(leader->epoch_questions, 0);
  EXPECT_EQ(contents(*ours), (Strings{"-1:old", "0:b", "0:c"}));
}

TEST_F(ReplicaFetcherThreadTest, AFencedPartitionIsSetAsideUntilTheControllerSpeaks) {
  begin({"a"});
  leader->led[kT0].epoch = 1;
  follow(0);
  rounds(1);
  EXPECT_FALSE(is_followed());
  EXPECT_THAT(failed.partitions(), ElementsAre(kT0));
  pass_backoff();
  rounds(1);
  EXPECT_EQ(leader->fetches, 1);
  follow(1);
  EXPECT_TRUE(failed.partitions().empty());
  rounds(1);
  EXPECT_EQ(contents(*ours), (Strings{"0:a"}));
}

TEST_F(ReplicaFetcherThreadTest, FencedWhileTruncatingToo) {
  begin({"a"}, {V::k2_6_Iv0});
  leader->led[kT0].epoch = 1;
  write(*ours, 0, {"a"});
  follow(0);
  rounds(1);
  EXPECT_EQ(leader->epoch_questions, 1);
  EXPECT_THAT(failed.partitions(), ElementsAre(kT0));
}

TEST_F(ReplicaFetcherThreadTest, ALeaderThatDoesNotKnowTheEpochYetIsAskedAgainAfterTheBackoff) {
  for (const V version : {V::k2_6_Iv0, V::k3_9_Iv0}) {
    begin({"a", "b"}, {version});
    write(*ours, 0, {"a"});
    follow(1);
    rounds(1);
    EXPECT_TRUE(state().is_delayed(test.clock.monotonic()));
    const int asked = leader->fetches + leader->epoch_questions;
    EXPECT_EQ(asked, 1);
    rounds(2);
    EXPECT_EQ(leader->fetches + leader->epoch_questions, asked);
    leader->led[kT0].epoch = 1;
    pass_backoff();
    rounds(1);
    EXPECT_EQ(contents(*ours), (Strings{"0:a", "0:b"})) << to_string(version);
  }
}

TEST_F(ReplicaFetcherThreadTest, OtherErrorsDelayThatPartitionOnly) {
  begin({"a"});
  const TopicPartition other{"t", 1};
  leader->led[other].log = add_log("/leader", other);
  own.logs[other] = add_log("/follower", other);
  write(*leader->led[other].log, 0, {"x"});
  for (const ErrorCode error :
       {ErrorCode::kNotLeaderOrFollower, ErrorCode::kUnknownTopicOrPartition,
        ErrorCode::kUnknownServerError, ErrorCode::kKafkaStorageError})
    leader->scripted[kT0].push_back(refusal(error));
  follow(0);
  follow(0, other);
  for (int i = 0; i < 4; ++i) {
    rounds(2);
    EXPECT_TRUE(state().is_delayed(test.clock.monotonic()));
    pass_backoff();
  }
  EXPECT_EQ(contents(*own.logs[other]), (Strings{"0:x"}));
  rounds(1);
  EXPECT_EQ(contents(*ours), (Strings{"0:a"}));
}

TEST_F(ReplicaFetcherThreadTest, ALeaderThatIsGoneDelaysAll) {
  begin({"a"});
  follow(0);
  leader->down = true;
  rounds(3);
  EXPECT_EQ(leader->fetches, 1);
  leader->down = false;
  pass_backoff();
  rounds(1);
  EXPECT_EQ(contents(*ours), (Strings{"0:a"}));
}

TEST_F(ReplicaFetcherThreadTest, DamagedBytesAreFetchedAgain) {
  begin({"a"});
  FetchedPartition damaged;
  damaged.high_watermark = 1;
  damaged.log_start_offset = 0;
  const SharedSlice good =
      theirs->read(0, 1 << 20, FetchIsolation::kLogEnd, true)->records.to_slice();
  ByteBuffer bytes(good.view().begin(), good.view().end());
  bytes.back() ^= 1;
  damaged.records = SharedSlice::of(std::move(bytes));
  leader->scripted[kT0] = {damaged};
  follow(0);
  rounds(1);
  EXPECT_EQ(ours->log_end_offset(), 0);
  EXPECT_EQ(ours->high_watermark(), 0);
  pass_backoff();
  rounds(1);
  EXPECT_EQ(contents(*ours), (Strings{"0:a"}));
}

TEST_F(ReplicaFetcherThreadTest, ABatchThatIsCutOffEverywhereDelays) {
  begin({"a"});
  FetchedPartition cut_off;
  cut_off.high_watermark = 1;
  cut_off.records =
      theirs->read(0, 1 << 20, FetchIsolation::kLogEnd, true)->records.to_slice().subslice(0, 40);
  leader->scripted[kT0] = {cut_off};
  follow(0);
  rounds(1);
  EXPECT_TRUE(state().is_delayed(test.clock.monotonic()));
}

TEST_F(ReplicaFetcherThreadTest, AnOfflineDirectoryFailsThePartition) {
  begin({"a"});
  follow(0);
  own.offline.insert(kT0);
  rounds(1);
  EXPECT_THAT(failed.partitions(), ElementsAre(kT0));
  EXPECT_FALSE(is_followed());
  own.offline.clear();
  follow(0);
  own.offline.insert(kT0);
  leader->meanwhile = [&] { own.offline.insert(kT0); };
  own.offline.clear();
  rounds(1);
  EXPECT_THAT(failed.partitions(), ElementsAre(kT0));
}

TEST_F(ReplicaFetcherThreadTest, ALogThatSomebodyElseChangedIsNotAppendedTo) {
  begin({"a", "b"});
  follow(0);
  leader->meanwhile = [&] { write(*ours, 0, {"?"}); };
  rounds(1);
  EXPECT_THAT(failed.partitions(), ElementsAre(kT0));
  EXPECT_EQ(contents(*ours), (Strings{"0:?"}));
}

TEST_F(ReplicaFetcherThreadTest, BeyondTheLeadersEndTheLogIsCutToIt) {
  begin({"a"}, {V::k0_10_2_Iv0});
  write(*ours, 0, {"a", "b", "c"});
  follow(0);
  rounds(1);
  EXPECT_EQ(contents(*ours), (Strings{"0:a"}));
  EXPECT_EQ(ours->high_watermark(), 1);
  write(*theirs, 0, {"d"});
  rounds(1);
  EXPECT_EQ(contents(*ours), contents(*theirs));
}

TEST_F(ReplicaFetcherThreadTest, BelowTheLeadersStartTheLogBeginsThereAnew) {
  for (const V version : {V::k0_10_2_Iv0, V::k2_6_Iv0, V::k3_9_Iv0}) {
    begin({"a", "b"}, {version});
    write(*ours, 0, {"a"});
    theirs->truncate_fully_and_start_at(10);
    write(*theirs, 0, {"k"});
    follow(0);
    rounds(3);
    EXPECT_EQ(ours->log_start_offset(), 10) << to_string(version);
    EXPECT_EQ(ours->high_watermark(), 11);
    EXPECT_EQ(contents(*ours), (Strings{"0:k"}));
  }
}

TEST_F(ReplicaFetcherThreadTest, OutOfRangeAndNoOffsetsToBeHadDelaysOrFences) {
  begin({"a"}, {V::k0_10_2_Iv0});
  write(*ours, 0, {"a", "b"});
  follow(0);
  leader->offset_error = ErrorCode::kNotLeaderOrFollower;
  rounds(1);
  EXPECT_TRUE(state().is_delayed(test.clock.monotonic()));
  leader->offset_error = ErrorCode::kFencedLeaderEpoch;
  pass_backoff();
  rounds(1);
  EXPECT_THAT(failed.partitions(), ElementsAre(kT0));
  EXPECT_EQ(contents(*ours), (Strings{"0:a", "0:b"}));
}

TEST_F(ReplicaFetcherThreadTest, ARemovedPartitionIsLeftAloneWhateverTheAnswer) {
  for (const V version : {V::k0_10_2_Iv0, V::k2_6_Iv0, V::k3_9_Iv0}) {
    begin({"a", "b"}, {version});
    write(*ours, 0, {"a", "x", "y"});
    follow(0);
    leader->meanwhile = [&] { (void)fetcher->remove_partitions({kT0}); };
    rounds(2);
    EXPECT_EQ(contents(*ours), (Strings{"0:a", "0:x", "0:y"})) << to_string(version);
  }
}

TEST_F(ReplicaFetcherThreadTest, AnAnswerOfTheEpochBeforeIsDropped) {
  begin({"a", "b"});
  follow(0);
  leader->meanwhile = [&] {
    leader->meanwhile = nullptr;
    (void)fetcher->remove_partitions({kT0});
    follow(1);
  };
  rounds(1);
  EXPECT_EQ(ours->log_end_offset(), 0);
  leader->led[kT0].epoch = 1;
  rounds(1);
  EXPECT_EQ(ours->log_end_offset(), 2);
}

TEST_F(ReplicaFetcherThreadTest, AddedAgainInTheSameEpochGoesOn) {
  begin({"a"}, {V::k2_6_Iv0});
  follow(0);
  rounds(2);
  follow(0);
  EXPECT_EQ(state().state, ReplicaState::kFetching);
  follow(1);
  EXPECT_EQ(state().state, ReplicaState::kTruncating);
}

TEST_F(ReplicaFetcherThreadTest, WhatIsThrottledAndBehindIsLeftOutWhileTheQuotaIsExceeded) {
  begin({"a"});
  quota.update_quota(50);
  quota.mark_throttled("t", {"*"}, 1);
  follow(0);
  rounds(1);
  EXPECT_GT(quota.rate(), 50);
  EXPECT_EQ(state().lag, 0);
  write(*theirs, 0, {"b"});
  rounds(1);  // in sync: fetched although the quota is exceeded
  EXPECT_EQ(ours->log_end_offset(), 2);
  write(*theirs, 0, {"c"});
  FetchedPartition behind;
  behind.high_watermark = 3;
  behind.log_start_offset = 0;
  leader->scripted[kT0] = {behind};
  rounds(1);
  EXPECT_EQ(state().lag, 1);
  const int fetches = leader->fetches;
  rounds(2);
  EXPECT_EQ(leader->fetches, fetches);
  test.clock.advance(std::chrono::seconds(11));
  rounds(1);
  EXPECT_EQ(ours->log_end_offset(), 3);
}

TEST_F(ReplicaFetcherThreadTest, CountsAndTracesAndDescribes) {
  begin({"a", "b"});
  follow(0);
  rounds(1);
  const MetricName lag{
      "kafka.server",
      "FetcherLagMetrics",
      "ConsumerLag",
      {{"clientId", "ReplicaFetcherThread-0-2"}, {"topic", "t"}, {"partition", "0"}}};
  const auto stats = [](const char* name) {
    return MetricName{"kafka.server",
                      "FetcherStats",
                      name,
                      {{"clientId", "ReplicaFetcherThread-0-2"},
                       {"brokerHost", "leader"},
                       {"brokerPort", "9092"}}};
  };
  EXPECT_EQ(metric(lag), 0);
  EXPECT_EQ(metric(stats("RequestsPerSec")), 1);
  EXPECT_EQ(metric(stats("BytesPerSec")), static_cast<double>(ours->size()));
  EXPECT_EQ(test.tracer.counts["FetchingStarted"], 1);
  EXPECT_EQ(test.tracer.counts["FollowerAppended"], 1);
  const FetcherThreadDescription shown = fetcher->describe();
  EXPECT_EQ(shown.leader.id, 2);
  ASSERT_EQ(shown.partitions.size(), 1u);
  EXPECT_EQ(shown.partitions[0].state, "Fetching");
  EXPECT_EQ(shown.partitions[0].fetch_offset, 2);
  EXPECT_EQ(shown.partitions[0].lag, 0);
  EXPECT_EQ(fetcher->remove_partitions({kT0}).at(kT0).fetch_offset, 2);
  EXPECT_EQ(test.tracer.counts["FetchingStopped"], 1);
  EXPECT_EQ(metric(lag), std::nullopt);
  fetcher->metrics().close();
  EXPECT_EQ(metric(stats("BytesPerSec")), std::nullopt);
}

}  // namespace
}  // namespace kafkascope

// The stories by which Kafka's followers learned to truncate: each with the protocol that loses or
// diverges, and with those that do not.
#include "replication/fetcher/fetcher_test_support.h"

namespace kafkascope {
namespace {

using Strings = std::vector<std::string>;
using V = MetadataVersion;

class TruncationStories : public FetcherTest {
 protected:
  /// The follower's log with `own_log`, the leader's in its epoch.
  void follower_of(std::shared_ptr<Log> leader_log, LeaderEpoch epoch, std::shared_ptr<Log> own_log,
                   MetadataVersion version, FetcherDefects defects = {}) {
    start({version}, defects);
    leader->led[kT0] = {std::move(leader_log), epoch};
    own.logs[kT0] = std::move(own_log);
    follow(epoch);
  }

  // KIP-101. B leads, A has all of it, but has not heard that m2 is committed. A restarts, and
  // before it can ask B anything, B dies. A leads, takes m3 and m4; B comes back and follows.
  std::pair<Strings, Strings> leader_dies_after_follower_restarts(MetadataVersion version,
                                                                  FetcherDefects defects = {}) {
    const auto root = "/" + to_string(version) + std::to_string(++runs_);
    const auto a = add_log(root + "/a");
    const auto b = add_log(root + "/b");
    write(*b, 0, {"m1", "m2"});
    write(*a, 0, {"m1", "m2"});
    a->update_high_watermark(1);
    follower_of(b, 0, a, version, defects);
    leader->down = true;
    rounds(1);

    write(*a, 1, {"m3"});
    follower_of(a, 1, b, version, defects);
    rounds(3);
    write(*a, 1, {"m4"});
    rounds(3);
    return {contents(*a), contents(*b)};
  }

  // KIP-279. A led in epoch 1, B in epoch 2, each without the other. Now A leads in epoch 3.
  std::pair<Strings, Strings> two_unclean_elections(MetadataVersion version) {
    const auto root = "/" + to_string(version);
    const auto a = add_log(root + "/a");
    const auto b = add_log(root + "/b");
    write(*a, 0, {"m0"});
    write(*b, 0, {"m0"});
    b->update_high_watermark(1);
    write(*a, 1, {"a1", "a2"});
    write(*b, 2, {"b1", "b2", "b3"});
    b->update_high_watermark(1);
    write(*a, 3, {"a3"});
    follower_of(a, 3, b, version);
    rounds(6);
    return {contents(*a), contents(*b)};
  }

  // KAFKA-7164. The leader dies, comes back without what it had not flushed, and is elected again.
  std::pair<Strings, Strings> same_leader_again(MetadataVersion version, FetcherDefects defects) {
    const auto root = "/" + to_string(version) + std::to_string(++runs_);
    const auto a = add_log(root + "/a");
    const auto b = add_log(root + "/b");
    write(*a, 0, {"m0", "m1", "m2"});
    follower_of(a, 0, b, version, defects);
    rounds(2);
    EXPECT_EQ(contents(*b), contents(*a));
    (void)a->truncate_to(1);
    write(*a, 1, {"x1", "x2", "x3"});
    leader->led[kT0].epoch = 1;
    (void)fetcher->remove_partitions({kT0});
    follow(1);
    rounds(4);
    return {contents(*a), contents(*b)};
  }

  int runs_ = 0;
};

TEST_F(TruncationStories, Kip101BelowTheHighWatermarkLosesAndDiverges) {
  const auto [a, b] = leader_dies_after_follower_restarts(V::k0_11_0_Iv1);
  EXPECT_EQ(a, (Strings{"0:m1", "1:m3", "1:m4"}));  // m2 was committed, and is lost
  EXPECT_EQ(b, (Strings{"0:m1", "0:m2", "1:m4"}));  // and B has another record at offset 1
}

TEST_F(TruncationStories, Kip101ByLeaderEpochNothingIsLost) {
  for (const V version : {V::k0_11_0_Iv2, V::k2_0_Iv0, V::k2_6_Iv0, V::k2_7_Iv1, V::k3_9_Iv0}) {
    const auto [a, b] = leader_dies_after_follower_restarts(version);
    EXPECT_EQ(a, (Strings{"0:m1", "0:m2", "1:m3", "1:m4"})) << to_string(version);
    EXPECT_EQ(b, a) << to_string(version);
  }
}

TEST_F(TruncationStories, Kip101ThePlantedDefectBringsTheLossBack) {
  const auto [a, b] =
      leader_dies_after_follower_restarts(V::k3_9_Iv0, {.truncate_to_high_watermark = true});
  EXPECT_EQ(a, (Strings{"0:m1", "1:m3", "1:m4"}));
  EXPECT_NE(b, a);
}

TEST_F(TruncationStories, Kip279AnAnswerWithoutItsEpochLeavesLogsThatDiverge) {
  for (const V version : {V::k0_11_0_Iv2, V::k1_1_Iv0}) {
    const auto [a, b] = two_unclean_elections(version);
    EXPECT_EQ(a, (Strings{"0:m0", "1:a1", "1:a2", "3:a3"}));
    EXPECT_EQ(b, (Strings{"0:m0", "2:b1", "2:b2", "3:a3"})) << to_string(version);
  }
}

TEST_F(TruncationStories, Kip279ASecondRoundFindsWhereTheyAgree) {
  for (const V version : {V::k2_0_Iv0, V::k2_6_Iv0, V::k2_7_Iv1, V::k3_9_Iv0}) {
    const auto [a, b] = two_unclean_elections(version);
    EXPECT_EQ(a, (Strings{"0:m0", "1:a1", "1:a2", "3:a3"}));
    EXPECT_EQ(b, a) << to_string(version);
    const bool on_fetch = ProtocolFeatures{version}.truncates_on_fetch();
    EXPECT_EQ(leader->epoch_questions, on_fetch ? 0 : 2) << to_string(version);
  }
}

TEST_F(TruncationStories, Kafka7164ANewEpochOfTheSameLeaderTruncates) {
  for (const V version : {V::k0_11_0_Iv2, V::k2_6_Iv0, V::k2_7_Iv1, V::k3_9_Iv0}) {
    const auto [a, b] = same_leader_again(version, {});
    EXPECT_EQ(a, (Strings{"0:m0", "1:x1", "1:x2", "1:x3"}));
    EXPECT_EQ(b, a) << to_string(version);
  }
}

TEST_F(TruncationStories, Kafka7164ThePlantedDefectKeepsWhatTheLeaderLost) {
  for (const V version : {V::k2_6_Iv0, V::k3_9_Iv0}) {
    const auto [a, b] = same_leader_again(version, {.no_truncation_on_same_leader = true});
    EXPECT_EQ(b, (Strings{"0:m0", "0:m1", "0:m2", "1:x3"})) << to_string(version);
  }
}

}  // namespace
}  // namespace kafkascope

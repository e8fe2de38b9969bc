// What the tests of Partition and ReplicaManager share: a node with a disk, a controller and a
// listener that a test plays.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log/log_dir_failure_channel.h"
#include "log/log_test_support.h"
#include "replication/partition.h"

namespace kafkascope {

inline constexpr BrokerId kLocal = 1;
inline const TopicPartition kT0{"t", 0};

/// Keeps proposals until the test answers them.
class ScriptedAlterPartition : public AlterPartitionManager {
 public:
  struct Proposal {
    TopicPartition partition;
    LeaderAndIsr proposed;
    int32_t controller_epoch;
    AlterPartitionCallback answer;
  };
  void submit(const TopicPartition& partition, const Uuid&, const LeaderAndIsr& proposed,
              int32_t controller_epoch, AlterPartitionCallback callback) override {
    proposals.push_back({partition, proposed, controller_epoch, std::move(callback)});
  }
  /// Answers the oldest proposal.
  void refuse(ErrorCode code) { take().answer({code, "refused"}); }
  void accept() {
    const Proposal proposal = take();
    LeaderAndIsr state = proposal.proposed;
    ++state.partition_epoch;
    proposal.answer(state);
  }
  Proposal take() {
    const Proposal first = proposals.at(0);
    proposals.erase(proposals.begin());
    return first;
  }
  std::vector<Proposal> proposals;
};

/// Three brokers live: 1 (here), 2 and 3, in racks a, b and c.
inline void add_brokers(MetadataCache& cache) {
  cache.update([](ClusterMetadata& metadata) {
    for (BrokerId id : {1, 2, 3}) {
      const Endpoint at{"host" + std::to_string(id), static_cast<uint16_t>(9090 + id)};
      metadata.brokers[id] = {id,
                              at.host,
                              at.port,
                              std::string(1, static_cast<char>('a' + id - 1)),
                              {{"PLAINTEXT", "PLAINTEXT", at}}};
    }
  });
}

inline PartitionState state_of(BrokerId leader, LeaderEpoch epoch, std::vector<BrokerId> isr,
                               int32_t partition_epoch,
                               std::vector<BrokerId> replicas = {1, 2, 3}) {
  return {.leader = leader,
          .leader_epoch = epoch,
          .replicas = std::move(replicas),
          .isr = std::move(isr),
          .partition_epoch = partition_epoch,
          .controller_epoch = 5};
}

/// As a leader sends them.
inline SharedSlice follower_batch(Offset base_offset, int count, LeaderEpoch epoch = 0) {
  MemoryRecordsBuilder::Options options;
  options.base_offset = base_offset;
  options.partition_leader_epoch = epoch;
  return make_batch(count, options);
}

/// A disk with one log directory.
struct DiskFixture {
  DiskFixture() { logs.startup(); }
  static LogManagerConfig log_config() {
    LogManagerConfig config;
    config.log_dirs = {"/data"};
    config.broker_config = {{"log.cleaner.enable", "false"}};
    config.cleaner.enable = false;
    config.broker_id = kLocal;
    return config;
  }

  LogTestNode test;
  LogDirFailureChannel failures{test.node};
  LogManager logs{test.node, log_config(), failures};
  MetadataCache metadata{test.node};
};

class PartitionTest : public testing::Test, public PartitionListener, protected DiskFixture {
 protected:
  PartitionTest() { add_brokers(metadata); }

  void make(const ConfigMap& topic_config = {}, const ReplicationDefects& defects = {}) {
    context_.emplace(PartitionContext{
        test.node, {.broker_id = kLocal}, logs, metadata, *this, defects, &controller_});
    partition_ = std::make_shared<Partition>(*context_, kT0,
                                             logs.get_or_create_log(kT0, topic_config, Uuid()));
  }
  void lead(LeaderEpoch epoch = 0, std::vector<BrokerId> isr = {1, 2, 3}, int32_t version = 0) {
    partition_->make_leader(state_of(kLocal, epoch, std::move(isr), version));
  }
  LogAppendInfo append(int records, int16_t acks = -1) {
    return partition_->append_records_to_leader(make_batch(records), AppendOrigin::kClient, acks);
  }
  Result<LogReadInfo> fetch(BrokerId replica, Offset offset, LeaderEpoch epoch = kNoLeaderEpoch,
                            LeaderEpoch last_fetched = kNoLeaderEpoch, BrokerEpoch life = -1) {
    const FetchParams params{.max_bytes = 1 << 20,
                             .isolation = FetchIsolation::kLogEnd,
                             .replica_id = replica,
                             .replica_epoch = life};
    return partition_->fetch_records(params, {kT0, offset, 1 << 20, epoch, last_fetched, 0},
                                     1 << 20, true, true);
  }
  void fetch_as(BrokerId replica, Offset offset) { EXPECT_TRUE(fetch(replica, offset).ok()); }
  Offset high_watermark() { return partition_->log()->high_watermark(); }
  std::vector<BrokerId> isr() { return partition_->in_sync_replica_ids(); }
  void kill_broker(BrokerId id) {
    metadata.update([&](ClusterMetadata& cluster) { cluster.brokers.erase(id); });
  }

  void on_high_watermark_changed(const TopicPartition&) override { ++wakes_; }
  void on_isr_update(const TopicPartition&, IsrUpdate update) override {
    updates_.push_back(update);
  }

  ScriptedAlterPartition controller_;
  std::optional<PartitionContext> context_;
  std::shared_ptr<Partition> partition_;
  int wakes_ = 0;
  std::vector<IsrUpdate> updates_;
};

}  // namespace kafkascope

// ZkAlterPartitionManager: ISR changes written to ZooKeeper by the leader itself, below
// inter.broker.protocol.version 2.7-IV2.
#pragma once

#include <set>

#include "replication/alter_partition_manager.h"
#include "runtime/threads.h"

namespace kafkascope {

class KafkaZkClient;

/// Writes the partition's state where its version still is the proposal's, and calls back before
/// submit returns: INVALID_UPDATE_VERSION when the controller was faster. The controller hears of
/// changes by a notification, which a scheduler has to be let write.
class ZkAlterPartitionManager : public AlterPartitionManager {
 public:
  /// How often maybe_propagate_isr_changes is to be called.
  static constexpr Duration kCheckInterval = std::chrono::milliseconds(2500);

  ZkAlterPartitionManager(Node& node, KafkaZkClient& zk);

  void submit(const TopicPartition& partition, const Uuid& topic_id, const LeaderAndIsr& proposed,
              int32_t controller_epoch, AlterPartitionCallback callback) override;
  /// Tells the controller which ISRs have changed: once 5 s have passed without a further change,
  /// or 60 s since it was told last.
  void maybe_propagate_isr_changes();

 private:
  Result<LeaderAndIsr> write(const TopicPartition& partition, const LeaderAndIsr& proposed,
                             int32_t controller_epoch);
  bool is_due() const KS_REQUIRES(mutex_);

  Node& node_;
  KafkaZkClient& zk_;
  Mutex mutex_;
  std::set<TopicPartition> changed_ KS_GUARDED_BY(mutex_);
  Instant last_change_ KS_GUARDED_BY(mutex_);
  Instant last_propagation_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

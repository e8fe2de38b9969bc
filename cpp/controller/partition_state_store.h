// PartitionStateStore: the partition states in ZooKeeper, as the state machines read and write
// them.
#pragma once

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/controller_config.h"
#include "controller/controller_context.h"
#include "zookeeper/client/kafka_zk_client.h"

namespace kafkascope {

/// Batches, each answered whole. May throw ZkException (the session expired) and
/// ControllerMovedException (this controller was replaced: nothing was written).
class PartitionStateStore {
 public:
  using States = std::map<TopicPartition, LeaderIsrAndControllerEpoch>;
  using Changes = std::map<TopicPartition, LeaderAndIsr>;

  virtual ~PartitionStateStore() = default;
  /// Those that exist.
  virtual States read(const std::vector<TopicPartition>& partitions) = 0;
  virtual std::map<TopicPartition, zk::ZkError> create(const States& states) = 0;
  /// Conditional on each partition epoch.
  virtual UpdateLeaderAndIsrResult update(const Changes& changes) = 0;
  /// The topics of these that may have an unclean leader.
  virtual std::set<std::string> with_unclean_leader_election(
      const std::set<std::string>& topics) = 0;
};

/// In the name of the context's controller epoch.
class ZkPartitionStateStore : public PartitionStateStore {
 public:
  ZkPartitionStateStore(const ControllerConfig& config, const ControllerContext& context,
                        KafkaZkClient& zk)
      : config_(config),
        context_(context),
        zk_(zk),
        unclean_by_default_(config.unclean_leader_election_enable) {}

  States read(const std::vector<TopicPartition>& partitions) override;
  std::map<TopicPartition, zk::ZkError> create(const States& states) override;
  UpdateLeaderAndIsrResult update(const Changes& changes) override;
  std::set<std::string> with_unclean_leader_election(const std::set<std::string>& topics) override;
  /// Any thread. For topics that do not say.
  void set_unclean_by_default(bool enabled) { unclean_by_default_ = enabled; }
  /// What every write of the controller is conditional on.
  int32_t epoch_zk_version() const {
    return config_.defects.ignore_controller_epoch ? zk::kAnyVersion : context_.epoch_zk_version;
  }

 private:
  const ControllerConfig& config_;
  const ControllerContext& context_;
  KafkaZkClient& zk_;
  std::atomic<bool> unclean_by_default_;
};

}  // namespace kafkascope

#include "replication/zk_alter_partition_manager.h"

#include <utility>

#include "common/logging.h"
#include "zookeeper/client/kafka_zk_client.h"

namespace kafkascope {
namespace {

constexpr Duration kLinger = std::chrono::seconds(5);
constexpr Duration kMaxDelay = std::chrono::seconds(60);

bool same_but_version(LeaderAndIsr a, const LeaderAndIsr& b) {
  a.partition_epoch = b.partition_epoch;
  return a == b;
}

}  // namespace

ZkAlterPartitionManager::ZkAlterPartitionManager(Node& node, KafkaZkClient& zk)
    : node_(node),
      zk_(zk),
      mutex_(node, "isr changes"),
      last_change_(node.clock().monotonic()),
      last_propagation_(last_change_) {}

void ZkAlterPartitionManager::submit(const TopicPartition& partition, const Uuid&,
                                     const LeaderAndIsr& proposed, int32_t controller_epoch,
                                     AlterPartitionCallback callback) {
  const Result<LeaderAndIsr> written = write(partition, proposed, controller_epoch);
  if (written.ok()) {
    Lock lock(mutex_);
    changed_.insert(partition);
    last_change_ = node_.clock().monotonic();
  }
  callback(written);
}

Result<LeaderAndIsr> ZkAlterPartitionManager::write(const TopicPartition& partition,
                                                    const LeaderAndIsr& proposed,
                                                    int32_t controller_epoch) {
  try {
    const UpdateLeaderAndIsrResult result =
        zk_.update_leader_and_isr({{partition, proposed}}, controller_epoch, zk::kAnyVersion);
    const auto finished = result.finished.find(partition);
    if (finished != result.finished.end()) return finished->second;
    // A write whose answer got lost with the connection has been tried again: is it ours?
    const auto states = zk_.get_topic_partition_states({partition});
    const auto found = states.find(partition);
    if (found != states.end() && found->second.controller_epoch == controller_epoch &&
        same_but_version(found->second.leader_and_isr, proposed)) {
      return found->second.leader_and_isr;
    }
    return {ErrorCode::kInvalidUpdateVersion, "the state in ZooKeeper is a newer one"};
  } catch (const zk::ZkException& e) {
    // The session is gone. The controller elects other leaders, or tells this one anew.
    return {ErrorCode::kInvalidUpdateVersion, e.what()};
  }
}

bool ZkAlterPartitionManager::is_due() const {
  const Instant now = node_.clock().monotonic();
  return !changed_.empty() && (now - last_change_ > kLinger || now - last_propagation_ > kMaxDelay);
}

void ZkAlterPartitionManager::maybe_propagate_isr_changes() {
  std::set<TopicPartition> changed;
  {
    Lock lock(mutex_);
    if (!is_due()) return;
    changed = std::exchange(changed_, {});
    last_propagation_ = node_.clock().monotonic();
  }
  try {
    zk_.propagate_isr_changes(changed);
  } catch (const zk::ZkException& e) {
    KS_LOG(kWarn, node_.name(), "the controller cannot be told of changed ISRs yet: {}", e.what());
    Lock lock(mutex_);
    changed_.merge(changed);
  }
}

}  // namespace kafkascope

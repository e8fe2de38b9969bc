// DefaultAlterPartitionManager: ISR changes through the controller (KIP-497).
#pragma once

#include <functional>
#include <map>

#include "metadata/broker.h"
#include "metadata/metadata_version.h"
#include "protocol/messages/alter_partition_request.h"
#include "protocol/messages/alter_partition_response.h"
#include "replication/alter_partition_manager.h"
#include "replication/controller_channel.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Collects what is proposed while a request is on its way, and sends it with the next: one
/// AlterPartition in flight. A request that the controller refuses as a whole is sent again after
/// 50 ms with what is known then. start() begins, shutdown() ends it.
class DefaultAlterPartitionManager : public AlterPartitionManager, public Worker {
 public:
  struct Identity {
    BrokerId broker_id = 0;
    std::function<BrokerEpoch()> broker_epoch;  // grows when the broker registers anew
    ProtocolFeatures protocol;
  };

  DefaultAlterPartitionManager(Node& node, Identity identity, ControllerChannel& channel);

  void submit(const TopicPartition& partition, const Uuid& topic_id, const LeaderAndIsr& proposed,
              int32_t controller_epoch, AlterPartitionCallback callback) override;

 protected:
  void do_work() override;
  void wakeup() override;

 private:
  struct Item {
    Uuid topic_id;
    LeaderAndIsr proposed;
    AlterPartitionCallback callback;
    bool is_sent = false;
  };
  using Answers = std::map<TopicPartition, Result<LeaderAndIsr>>;

  std::unique_ptr<RequestBody> build_request() KS_REQUIRES(mutex_);
  void on_response(const ClientResponse& response);
  /// Nothing when the request failed as a whole.
  std::optional<Answers> read(const ClientResponse& response) KS_REQUIRES(mutex_);
  /// Takes the answered items out and calls them.
  void complete(const Answers& answers);

  const Identity identity_;
  ControllerChannel& channel_;
  Mutex mutex_;
  ConditionVariable changed_;
  std::map<TopicPartition, Item> items_ KS_GUARDED_BY(mutex_);  // one a partition
  bool in_flight_ KS_GUARDED_BY(mutex_) = false;
  Instant not_before_ KS_GUARDED_BY(mutex_){};
};

}  // namespace kafkascope

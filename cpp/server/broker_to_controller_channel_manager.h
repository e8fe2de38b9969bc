// BrokerToControllerChannelManager: what this broker asks of the controller, whoever that is now.
#pragma once

#include <deque>
#include <memory>

#include "clients/blocking_sender.h"
#include "metadata/metadata_cache.h"
#include "replication/controller_channel.h"
#include "replication/replication_config.h"
#include "runtime/worker.h"

namespace kafkascope {

/// Kafka's class of that name (NodeToControllerChannelManager since 3.7): one thread, one request
/// after the other, each until the controller that the metadata name has answered it.
class BrokerToControllerChannelManager : public Worker, public ControllerChannel {
 public:
  BrokerToControllerChannelManager(Node& node, const ReplicationConfig& config,
                                   MetadataCache& metadata);
  ~BrokerToControllerChannelManager() override;

  void send(std::unique_ptr<RequestBody> body, RequestCompletionHandler callback) override;

 protected:
  void do_work() override;
  void wakeup() override;

 private:
  struct Item {
    std::shared_ptr<RequestBody> body;
    RequestCompletionHandler callback;
  };
  std::optional<Item> next();
  ClientResponse try_once(const Item& item);
  /// Connected to the controller of now; null when none is known.
  std::shared_ptr<BlockingSender> sender();
  void back_off();

  const ReplicationConfig& config_;
  MetadataCache& metadata_;
  Mutex mutex_;
  ConditionVariable changed_;
  std::deque<Item> queue_ KS_GUARDED_BY(mutex_);
  std::shared_ptr<BlockingSender> sender_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

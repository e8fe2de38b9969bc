// The controller's listeners: each watches one place in ZooKeeper and puts one event into the
// queue.
#pragma once

#include <functional>
#include <string>

#include "common/types.h"
#include "zookeeper/client/zk_paths.h"
#include "zookeeper/client/zookeeper_client.h"

namespace kafkascope {

/// Puts the listener's event. Called on ZooKeeperClient's event thread.
using PutEvent = std::function<void()>;

class ControllerChildListener : public ZNodeChildChangeHandler {
 public:
  ControllerChildListener(std::string path, PutEvent put)
      : path_(std::move(path)), put_(std::move(put)) {}
  std::string path() const override { return path_; }
  void handle_child_change() override { put_(); }

 private:
  const std::string path_;
  const PutEvent put_;
};

class ControllerNodeListener : public ZNodeChangeHandler {
 public:
  ControllerNodeListener(std::string path, PutEvent put)
      : path_(std::move(path)), put_(std::move(put)) {}
  std::string path() const override { return path_; }

 protected:
  const std::string path_;
  const PutEvent put_;
};

/// Brokers come and go.
struct BrokerChangeHandler : ControllerChildListener {
  explicit BrokerChangeHandler(PutEvent put)
      : ControllerChildListener(znode::kBrokerIds, std::move(put)) {}
};

/// Topics come and go.
struct TopicChangeHandler : ControllerChildListener {
  explicit TopicChangeHandler(PutEvent put)
      : ControllerChildListener(znode::kTopics, std::move(put)) {}
};

/// Somebody wants a topic deleted.
struct TopicDeletionHandler : ControllerChildListener {
  explicit TopicDeletionHandler(PutEvent put)
      : ControllerChildListener(znode::kDeleteTopics, std::move(put)) {}
};

/// Leaders changed their ISR by themselves: brokers without AlterPartition.
struct IsrChangeNotificationHandler : ControllerChildListener {
  explicit IsrChangeNotificationHandler(PutEvent put)
      : ControllerChildListener(znode::kIsrChangeNotification, std::move(put)) {}
};

/// A log directory of a broker failed.
struct LogDirEventNotificationHandler : ControllerChildListener {
  explicit LogDirEventNotificationHandler(PutEvent put)
      : ControllerChildListener(znode::kLogDirEventNotification, std::move(put)) {}
};

/// A broker changed its listeners.
struct BrokerModificationsHandler : ControllerNodeListener {
  BrokerModificationsHandler(BrokerId id, PutEvent put)
      : ControllerNodeListener(znode::broker(id), std::move(put)) {}
  void handle_data_change() override { put_(); }
};

/// A topic got partitions.
struct PartitionModificationsHandler : ControllerNodeListener {
  PartitionModificationsHandler(const std::string& topic, PutEvent put)
      : ControllerNodeListener(znode::topic(topic), std::move(put)) {}
  void handle_data_change() override { put_(); }
};

/// An older tool wants partitions moved.
struct PartitionReassignmentHandler : ControllerNodeListener {
  explicit PartitionReassignmentHandler(PutEvent put)
      : ControllerNodeListener(znode::kReassignPartitions, std::move(put)) {}
  void handle_creation() override { put_(); }
};

/// The ISR of a partition that moves changed: brokers without AlterPartition.
struct PartitionReassignmentIsrChangeHandler : ControllerNodeListener {
  PartitionReassignmentIsrChangeHandler(const TopicPartition& tp, PutEvent put)
      : ControllerNodeListener(znode::topic_partition_state(tp), std::move(put)) {}
  void handle_data_change() override { put_(); }
};

/// An older tool wants preferred leaders elected.
struct PreferredReplicaElectionHandler : ControllerNodeListener {
  explicit PreferredReplicaElectionHandler(PutEvent put)
      : ControllerNodeListener(znode::kPreferredReplicaElection, std::move(put)) {}
  void handle_creation() override { put_(); }
};

/// Somebody was elected controller, or the controller is gone: then `reelect`.
class ControllerChangeHandler : public ControllerNodeListener {
 public:
  ControllerChangeHandler(PutEvent change, PutEvent reelect)
      : ControllerNodeListener(znode::kController, std::move(change)),
        reelect_(std::move(reelect)) {}
  void handle_creation() override { put_(); }
  void handle_data_change() override { put_(); }
  void handle_deletion() override { reelect_(); }

 private:
  const PutEvent reelect_;
};

/// The session ended, and there is a new one.
class ControllerSessionHandler : public StateChangeHandler {
 public:
  ControllerSessionHandler(PutEvent expire, PutEvent register_again)
      : expire_(std::move(expire)), register_again_(std::move(register_again)) {}
  std::string name() const override { return "controller-state-change-handler"; }
  void before_initializing_session() override { expire_(); }
  void after_initializing_session() override { register_again_(); }

 private:
  const PutEvent expire_;
  const PutEvent register_again_;
};

}  // namespace kafkascope

// DynamicConfigManager: hears of changed configurations through ZooKeeper and applies them to this
// broker.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "runtime/worker.h"
#include "zookeeper/client/kafka_zk_client.h"

namespace kafkascope {

/// Kafka's DynamicConfigManager (TopicConfigManager in 0.8) with its
/// ZkNodeChangeNotificationListener. Whoever changes a configuration leaves a sequential node
/// below /config/changes that names the entity; each broker reads those that it has not seen, and
/// then the entity's configuration. After a new session it reads all that is there once more.
class DynamicConfigManager : public Worker {
 public:
  /// `apply`: type ("topics", "brokers") and name of what changed. Runs on this thread; what it
  /// throws is logged.
  DynamicConfigManager(Node& node, KafkaZkClient& zk,
                       std::function<void(const std::string&, const std::string&)> apply);
  ~DynamicConfigManager() override;

  /// Handles what is there, and watches from then on.
  void startup();
  void close();

 protected:
  void do_work() override;
  void wakeup() override;

 private:
  class Listener;
  void process(const std::string& sequence_node);
  void purge(const std::vector<std::string>& nodes);

  KafkaZkClient& zk_;
  const std::function<void(const std::string&, const std::string&)> apply_;
  std::shared_ptr<Listener> listener_;
  std::string last_executed_;  // of the sequential nodes; this thread's
  Mutex mutex_;
  ConditionVariable changed_;
  bool is_changed_ KS_GUARDED_BY(mutex_) = true;
};

}  // namespace kafkascope

// Process: what runs on a node of a simulation: a broker, ZooKeeper, or one client.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "runtime/sim/sim_scheduler.h"

namespace kafkascope {

class KafkaAdminClient;
class KafkaConsumer;
class KafkaProducer;
class KafkaServer;
class Node;
class Partitioner;
struct AdminClientConfig;
struct ConsumerConfig;
struct KafkaConfig;
struct LeaderSelectors;
struct ProducerConfig;
namespace zk {
class ZooKeeperServer;
}

/// Makes a producer's partitioner where its node is known; empty: the configured one.
using PartitionerFactory = std::function<std::shared_ptr<Partitioner>(Node&)>;
/// Makes a broker's leader selectors where its node is known.
using LeaderSelectorFactory = std::function<LeaderSelectors(Node&)>;

/// One of the five pointers is set while the object lives. It lives on the stack of the node's
/// "main" fiber, so a crash unwinds it like everything else of the node.
struct Process {
  Node* node = nullptr;
  KafkaServer* server = nullptr;
  zk::ZooKeeperServer* zookeeper = nullptr;
  KafkaProducer* producer = nullptr;
  KafkaConsumer* consumer = nullptr;
  KafkaAdminClient* admin = nullptr;
  std::shared_ptr<const sim::StartedCall> main;
  bool ready = false;    // constructed and, for a broker, accepting requests
  bool leaving = false;  // main returns, and takes the object along
  WaitQueue running{.kind = "condition", .name = "running"};
};

/// Points `slot` at an object for as long as the scope lasts.
template <typename T>
class Presence {
 public:
  Presence(T*& slot, T& object) : slot_(slot) { slot_ = &object; }
  ~Presence() { slot_ = nullptr; }
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

 private:
  T*& slot_;
};

/// The bodies of "main". Each keeps the process alive as long as it runs.
std::function<void()> broker_main(std::shared_ptr<Process> process, KafkaConfig config,
                                  const LeaderSelectorFactory& selectors);
std::function<void()> zookeeper_main(std::shared_ptr<Process> process);
std::function<void()> producer_main(std::shared_ptr<Process> process, ProducerConfig config,
                                    PartitionerFactory partitioner);
std::function<void()> consumer_main(std::shared_ptr<Process> process, ConsumerConfig config);
std::function<void()> admin_main(std::shared_ptr<Process> process, AdminClientConfig config);

}  // namespace kafkascope

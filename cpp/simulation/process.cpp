#include "simulation/process.h"

#include "clients/admin/kafka_admin_client.h"
#include "clients/consumer/kafka_consumer.h"
#include "clients/producer/kafka_producer.h"
#include "server/kafka_server.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {
namespace {

void live(Process& process) {
  process.ready = true;
  while (!process.leaving) process.node->scheduler()->wait(process.running, kForever);
}

template <typename Client, typename Config>
std::function<void()> client_main(std::shared_ptr<Process> process, Client* Process::* slot,
                                  Config config) {
  return [process = std::move(process), slot, config = std::move(config)] {
    Client client(*process->node, config);
    const Presence<Client> presence((*process).*slot, client);
    live(*process);
  };
}

}  // namespace

std::function<void()> broker_main(std::shared_ptr<Process> process, KafkaConfig config,
                                  const LeaderSelectorFactory& selectors) {
  if (selectors) config.leader_selectors = selectors(*process->node);
  return [process = std::move(process), config = std::move(config)] {
    KafkaServer server(*process->node, config);
    const Presence<KafkaServer> presence(process->server, server);
    server.set_on_failure([process = process.get()] {
      process->leaving = true;
      process->node->scheduler()->wake_all(process->running);
    });
    server.start();
    live(*process);
    server.shutdown();
  };
}

std::function<void()> zookeeper_main(std::shared_ptr<Process> process) {
  return [process = std::move(process)] {
    zk::ZooKeeperServerConfig config;
    config.address = {process->node->name(), 2181};
    config.data_dir = "/zookeeper";
    zk::ZooKeeperServer server(*process->node, config);
    const Presence<zk::ZooKeeperServer> presence(process->zookeeper, server);
    server.startup();
    live(*process);
    server.shutdown();
  };
}

std::function<void()> producer_main(std::shared_ptr<Process> process, ProducerConfig config,
                                    PartitionerFactory partitioner) {
  if (partitioner) config.partitioner = partitioner(*process->node);
  return client_main(std::move(process), &Process::producer, std::move(config));
}

std::function<void()> consumer_main(std::shared_ptr<Process> process, ConsumerConfig config) {
  return client_main(std::move(process), &Process::consumer, std::move(config));
}

std::function<void()> admin_main(std::shared_ptr<Process> process, AdminClientConfig config) {
  return client_main(std::move(process), &Process::admin, std::move(config));
}

}  // namespace kafkascope

// Clients and server on threads and sockets, for ThreadSanitizer.
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/real/real_runtime.h"
#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope {
namespace {

TEST(ZooKeeperOnThreadsTest, NoIdIsGivenTwiceWhileSessionsExpire) {
  const std::string dir = testing::TempDir() + "zookeeper-on-threads";  // may be there already
  real::RealRuntime runtime;
  const auto node = runtime.make_node("test");
  zk::ZooKeeperServer server(*node,
                             {.address = {"127.0.0.1", 0}, .data_dir = dir, .tick_time_ms = 200});
  server.startup();
  const std::string connect = server.endpoint().to_string();
  constexpr size_t kClients = 4;
  constexpr size_t kEach = 100;
  Mutex mutex(*node, "ids");
  std::vector<BrokerId> ids;
  const auto count = [&] {
    ZooKeeperClient zookeeper(*node, {.connect = connect}, "zk");
    zookeeper.start();
    KafkaZkClient kafka(*node, zookeeper);
    kafka.make_sure_persistent_path_exists("/brokers/seqid");
    for (size_t done = 0; done < kEach;) {
      if (done % 25 == 10) server.expire_session(zookeeper.session_id());
      try {
        const BrokerId id = kafka.generate_broker_sequence_id();
        Lock lock(mutex);
        ids.push_back(id);
        ++done;
      } catch (const zk::ZkException& expired) {
        ASSERT_EQ(expired.code(), zk::ZkError::kSessionExpired);
        ++done;  // not asked for again: the next session is to live on
        while (zookeeper.connection_state() != zk::KeeperState::kSyncConnected) {
          node->sleep(std::chrono::milliseconds(1));
        }
      }
    }
    zookeeper.close();
  };
  std::vector<std::unique_ptr<Thread>> clients;
  for (size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Thread>(*node, "client", count));
  }
  for (const auto& client : clients) client->join();
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end()) << "an id was given twice";
  EXPECT_GE(ids.size(), kClients * kEach / 2);
  server.shutdown();
}

}  // namespace
}  // namespace kafkascope

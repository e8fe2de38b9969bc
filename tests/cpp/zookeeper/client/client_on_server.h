// A simulated ZooKeeperServer and clients of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zookeeper/client/kafka_zk_client.h"
#include "zookeeper/server/sim_server.h"

namespace kafkascope {

/// A started client, closed at the end of its scope.
struct TestZkClient {
  explicit TestZkClient(Node& node, const std::string& chroot = "",
                        Duration session_timeout = std::chrono::seconds(6),
                        MetricsRegistry* metrics = nullptr)
      : zookeeper(node, {.connect = "zk:2181" + chroot, .session_timeout = session_timeout}, "zk",
                  metrics),
        kafka(node, zookeeper) {
    zookeeper.start();
  }
  ~TestZkClient() { zookeeper.close(); }

  ZkResponse create(const std::string& path, const std::string& data = "",
                    zk::CreateMode mode = zk::CreateMode::kPersistent) {
    return zookeeper.handle_request({path, ZkRequest::Create{zk::to_data(data), mode}});
  }
  ZkResponse get(const std::string& path) {
    return zookeeper.handle_request({path, ZkRequest::GetData{}});
  }
  zk::ZkError set(const std::string& path, const std::string& data) {
    return zookeeper.handle_request({path, ZkRequest::SetData{zk::to_data(data)}}).error;
  }
  std::string text(const std::string& path) {
    const ZkResponse response = get(path);
    return response.data ? to_string(ByteView(*response.data)) : to_string(response.error);
  }

  ZooKeeperClient zookeeper;
  KafkaZkClient kafka;
};

/// Writes down what it is told.
struct RecordingHandler : ZNodeChangeHandler, ZNodeChildChangeHandler, StateChangeHandler {
  RecordingHandler(std::string watched, std::vector<std::string>& told)
      : watched(std::move(watched)), told(told) {}
  std::string path() const override { return watched; }
  std::string name() const override { return "recording"; }
  void handle_creation() override { told.push_back("created " + watched); }
  void handle_deletion() override { told.push_back("deleted " + watched); }
  void handle_data_change() override { told.push_back("changed " + watched); }
  void handle_child_change() override { told.push_back("children of " + watched); }
  void before_initializing_session() override { told.push_back("before"); }
  void after_initializing_session() override { told.push_back("after"); }

  const std::string watched;
  std::vector<std::string>& told;
};

/// A server that runs, with its clients' node. Each test says what happens on that node.
class ClientOnServerTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(sim.start()); }
  void run(const std::function<void()>& fn) { sim.run(fn); }
  Node& node() { return sim.client_node; }
  void await(const std::function<bool()>& done) { sim.await(done); }

  zk::SimServer sim{11};
};

}  // namespace kafkascope

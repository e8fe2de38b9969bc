// SimServer: a ZooKeeperServer on a simulated node that can crash and come back on the same disk.
#pragma once

#include "runtime/sim/sim_runtime.h"
#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope::zk {

/// The server lives on the stack of its node's first fiber, so a crash unwinds it.
class SimServer {
 public:
  explicit SimServer(uint64_t seed) : sim({.seed = seed, .policy = sim::Policy::kRandom}) {}
  ~SimServer() {
    if (server_ != nullptr) stop();
  }

  /// Until it serves; throws what startup() throws. False: its disk crashed before.
  bool start() {
    Node& node = sim.add_node("zk");
    main_ = sim.scheduler().start(node, "main", [this, &node] {
      ZooKeeperServer server(node, config);
      server.startup();
      server_ = &server;
      while (!leaving_) node.scheduler()->wait(running_, kForever);
      server.shutdown();
      server_ = nullptr;
    });
    run([&] {
      await([&] { return server_ != nullptr || main_->done || sim.disk_crashed("zk"); });
    });
    if (main_->failure) std::rethrow_exception(main_->failure);
    return server_ != nullptr;
  }
  void stop() {
    leaving_ = true;
    sim.scheduler().wake_all(running_);
    run([&] { await([&] { return main_->done; }); });
    leaving_ = false;
    sim.retire("zk");
  }
  void crash() {
    server_ = nullptr;
    sim.crash("zk");
  }
  /// On the clients' node.
  void run(const std::function<void()>& fn) { sim.call(client_node, fn); }
  /// Lets virtual time pass until it is so. On the clients' node.
  void await(const std::function<bool()>& done) {
    while (!done()) client_node.sleep(std::chrono::milliseconds(10));
  }

  ZooKeeperServer& server() { return *server_; }
  const Endpoint address{"zk", 2181};

  sim::SimRuntime sim;
  Node& client_node = sim.add_node("client");
  ZooKeeperServerConfig config{.address = address, .data_dir = "/zk", .tick_time_ms = 1000};

 private:
  ZooKeeperServer* server_ = nullptr;
  std::shared_ptr<const sim::StartedCall> main_;
  bool leaving_ = false;
  WaitQueue running_{.kind = "condition", .name = "running"};
};

}  // namespace kafkascope::zk

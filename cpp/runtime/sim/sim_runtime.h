// SimRuntime: nodes in virtual time. One seed gives one run, on every machine.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "runtime/node.h"
#include "runtime/sim/sim_file_system.h"
#include "runtime/sim/sim_network.h"
#include "runtime/sim/sim_scheduler.h"
#include "runtime/sim/sim_tracer.h"

namespace kafkascope::sim {

/// A node's clocks: the monotonic one is virtual time, the wall can be set off it.
class SimClock : public Clock {
 public:
  explicit SimClock(SimScheduler& scheduler) : scheduler_(scheduler) {}
  int64_t wall_ms() override {
    return kStartMs + skew_ms +
           std::chrono::duration_cast<std::chrono::milliseconds>(scheduler_.now()).count();
  }
  Instant monotonic() override {
    scheduler_.seam_call("clock");
    return scheduler_.now();
  }

  int64_t skew_ms = 0;

 private:
  static constexpr int64_t kStartMs = 1'700'000'000'000;
  SimScheduler& scheduler_;
};

/// What a crash takes along.
struct Crash {
  bool power_loss = true;  // unsynced data is lost or torn as the seed decides; else all is kept
  bool silent = false;     // peers are not told: half-open connections until the node is back
};

struct SimOptions {
  uint64_t seed = 1;
  Policy policy = Policy::kRoundRobin;
};

/// Not thread-safe: the whole simulation is one thread's.
class SimRuntime {
 public:
  explicit SimRuntime(SimOptions options);
  ~SimRuntime();

  /// A node with this host name. After crash() the same name gives a new node on the same disk.
  Node& add_node(const std::string& name);
  /// Unwinds the node's fibers.
  void crash(const std::string& name, Crash how = {});
  /// The node has ended by itself: its disk stays as it is, the name is free for add_node.
  void retire(const std::string& name);

  /// The node's threads stand still until resume(); its timers, messages and clock go on (SIGSTOP).
  void pause(const std::string& name);
  void resume(const std::string& name);

  SimScheduler& scheduler() { return scheduler_; }
  const SimScheduler& scheduler() const { return scheduler_; }
  NetworkFabric& network() { return fabric_; }
  SimFileSystem& disk(const std::string& name) { return *machines_.at(name)->disk; }
  SimClock& clock(const std::string& name) { return machines_.at(name)->clock; }
  const SimTracer& trace() const { return tracer_; }
  /// Waits for fn on the node: turns until it has returned. Throws its exception, or Deadlock.
  void call(Node& node, std::function<void()> fn) { scheduler_.call(node, std::move(fn)); }

 private:
  struct Machine {
    Machine(SimRuntime& runtime, const std::string& name)
        : clock(runtime.scheduler_),
          network(runtime.fabric_, name),
          tracer(runtime.tracer_, name),
          disk(std::make_unique<SimFileSystem>(clock, &runtime.scheduler_)) {
      disk->on_fault = [this](const char* fault, const std::string& path) {
        tracer.emit("DiskFailed", {{"path", path}, {"error", std::string(fault)}}, kNoEvent);
      };
    }
    SimClock clock;
    SimNetwork network;
    NodeTracer tracer;
    std::unique_ptr<SimFileSystem> disk;
    std::unique_ptr<Node> node;
    uint64_t boots = 0;
  };

  const SimOptions options_;
  std::map<std::string, std::unique_ptr<Machine>> machines_;
  SimScheduler scheduler_;
  NetworkFabric fabric_;
  SimTracer tracer_;
  RandomStream crashes_;
  std::vector<std::unique_ptr<Node>> gone_;  // their objects may be referred to until the end
};

}  // namespace kafkascope::sim

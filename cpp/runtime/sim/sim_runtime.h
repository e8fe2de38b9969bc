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

/// A node's clocks: the monotonic one is virtual time; the wall may be off, jump, run fast or slow,
/// or stand still.
class SimClock : public Clock {
 public:
  explicit SimClock(SimScheduler& scheduler) : scheduler_(scheduler) {}
  int64_t wall_ms() override {
    const auto elapsed = std::chrono::duration<double, std::milli>(scheduler_.now() - set_at_);
    return set_to_ms_ + skew_ms + static_cast<int64_t>(elapsed.count() * rate_);
  }
  Instant monotonic() override {
    scheduler_.seam_call("clock");
    return scheduler_.now();
  }

  /// How many of its seconds pass in one of virtual time, from now on: 1.01 gains 1 %, 0 stands
  /// still.
  void set_rate(double rate) {
    set_to_ms_ = wall_ms() - skew_ms;
    set_at_ = scheduler_.now();
    rate_ = rate;
  }

  int64_t skew_ms = 0;

 private:
  SimScheduler& scheduler_;
  int64_t set_to_ms_ = 1'700'000'000'000;
  Instant set_at_{};
  double rate_ = 1;
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

  /// The node is down, and gets an empty disk before it starts again.
  void replace_disk(const std::string& name);

  /// The node's threads stand still until resume(); its timers, messages and clock go on (SIGSTOP).
  void pause(const std::string& name);
  void resume(const std::string& name);

  SimScheduler& scheduler() { return scheduler_; }
  const SimScheduler& scheduler() const { return scheduler_; }
  NetworkFabric& network() { return fabric_; }
  SimFileSystem& disk(const std::string& name) { return *machines_.at(name)->disk; }
  bool disk_crashed(const std::string& name) const { return machines_.at(name)->disk->crashed(); }
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
          disk(std::make_unique<SimFileSystem>(
              clock, &runtime.scheduler_,
              Random(runtime.options_.seed).stream("disk of " + name))) {
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

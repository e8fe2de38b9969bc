#include "runtime/sim/sim_runtime.h"

#include "common/check.h"

namespace kafkascope::sim {

SimRuntime::SimRuntime(SimOptions options)
    : options_(options),
      scheduler_(options.seed, options.policy),
      fabric_(scheduler_, options.seed),
      tracer_(scheduler_),
      crashes_(Random(options.seed).stream("crashes")) {}

SimRuntime::~SimRuntime() {
  for (const auto& [name, machine] : machines_) {
    machine->disk->crash();
    scheduler_.kill(name);
  }
}

Node& SimRuntime::add_node(const std::string& name) {
  std::unique_ptr<Machine>& machine = machines_[name];
  if (machine == nullptr) machine = std::make_unique<Machine>(*this, name);
  KS_CHECK(machine->node == nullptr, "node " + name + " is running");
  fabric_.raise_node(name);
  RandomStream seeds = Random(options_.seed).stream(name);
  uint64_t seed = 0;
  for (uint64_t boot = 0; boot <= machine->boots; ++boot) seed = seeds.next();
  ++machine->boots;
  machine->node = std::make_unique<Node>(name, Node::Seams{.clock = machine->clock,
                                                           .network = machine->network,
                                                           .files = *machine->disk,
                                                           .random = Random(seed),
                                                           .scheduler = &scheduler_,
                                                           .tracer = &machine->tracer});
  return *machine->node;
}

void SimRuntime::retire(const std::string& name) {
  Machine& machine = *machines_.at(name);
  KS_CHECK(machine.node != nullptr, "node " + name + " is not running");
  scheduler_.kill(name);
  gone_.push_back(std::move(machine.node));
}

void SimRuntime::replace_disk(const std::string& name) {
  Machine& machine = *machines_.at(name);
  KS_CHECK(machine.node == nullptr, "node " + name + " is running");
  tracer_.emit(name, "DiskReplaced", {}, kNoEvent);
  machine.disk->wipe();
}

void SimRuntime::pause(const std::string& name) {
  tracer_.emit(name, "NodePaused", {}, kNoEvent);
  scheduler_.pause(name);
}

void SimRuntime::resume(const std::string& name) {
  tracer_.emit(name, "NodeResumed", {}, kNoEvent);
  scheduler_.resume(name);
}

void SimRuntime::crash(const std::string& name, Crash how) {
  Machine& machine = *machines_.at(name);
  KS_CHECK(machine.node != nullptr, "node " + name + " is not running");
  tracer_.emit(name, "NodeCrashed", {{"power_loss", how.power_loss}}, kNoEvent);
  machine.disk->crash();
  fabric_.drop_node(name, how.silent);
  scheduler_.kill(name);
  how.power_loss ? machine.disk->restart(crashes_) : machine.disk->reopen();
  gone_.push_back(std::move(machine.node));
}

}  // namespace kafkascope::sim

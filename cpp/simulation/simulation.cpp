#include "simulation/simulation.h"

#include <fmt/core.h>

#include "clients/admin/admin_client_config.h"
#include "clients/consumer/consumer_config.h"
#include "clients/producer/producer_config.h"
#include "common/errors.h"
#include "metadata/metadata_cache.h"
#include "server/config/kafka_config.h"
#include "server/kafka_server.h"
#include "zookeeper/zk_types.h"

namespace kafkascope {
namespace {

constexpr const char* kZooKeeper = "zookeeper";
constexpr Duration kBootLimit = std::chrono::minutes(10);

std::string broker_name(BrokerId id) { return fmt::format("broker-{}", id); }

/// A broker with few threads: fewer turns to step through.
ConfigMap small_broker(const SimulationOptions& options, BrokerId id) {
  ConfigMap config{{"broker.id", std::to_string(id)},
                   {"listeners", fmt::format("PLAINTEXT://{}:9092", broker_name(id))},
                   {"log.dirs", "/data"},
                   {"num.network.threads", "1"},
                   {"num.io.threads", "2"},
                   {"log.index.size.max.bytes", "65536"}};
  if (options.brokers > 1) config["zookeeper.connect"] = "zookeeper:2181";
  for (const auto& [key, value] : options.broker_config) config[key] = value;
  if (const auto own = options.own_config.find(id); own != options.own_config.end()) {
    for (const auto& [key, value] : own->second) config[key] = value;
  }
  return config;
}

}  // namespace

Simulation::Simulation(SimulationOptions options)
    : options_(std::move(options)),
      runtime_(std::make_unique<sim::SimRuntime>(
          sim::SimOptions{.seed = options_.seed, .policy = options_.policy})) {
  if (options_.brokers > 1) {
    boot_now(kZooKeeper);
    await_ready(kZooKeeper);
  }
  for (BrokerId id = 1; id <= options_.brokers; ++id) boot_now(broker_name(id));
  for (BrokerId id = 1; id <= options_.brokers; ++id) await_ready(broker_name(id));
  await_all_known();
}

Simulation::~Simulation() = default;

void Simulation::require_idle(const std::string& node) const {
  if (!is_running(node)) return;
  throw KafkaException(ErrorCode::kInvalidRequest,
                       node + " is running: another name, or crash or stop it first");
}

bool Simulation::is_running(const std::string& node) const {
  const auto found = processes_.find(node);
  return found != processes_.end() && found->second->node != nullptr;
}

void Simulation::add_process(
    const std::string& name,
    const std::function<std::function<void()>(std::shared_ptr<Process>)>& main) {
  auto process = std::make_shared<Process>();
  process->node = &runtime_->add_node(name);
  processes_[name] = process;
  process->main = runtime_->scheduler().start(*process->node, "main", main(process));
}

void Simulation::add_producer(const std::string& name, const ConfigMap& config,
                              const PartitionerFactory& partitioner) {
  ProducerConfig parsed = ProducerConfig::parse(config);
  require_idle(name);
  act("add " + name, [name, parsed, partitioner](Simulation& s) {
    s.add_process(name, [&](auto process) { return producer_main(process, parsed, partitioner); });
  });
  await_ready(name);
}

void Simulation::add_consumer(const std::string& name, const ConfigMap& config) {
  ConsumerConfig parsed = ConsumerConfig::parse(config);
  require_idle(name);
  act("add " + name, [name, parsed](Simulation& s) {
    s.add_process(name, [&](auto process) { return consumer_main(process, parsed); });
  });
  await_ready(name);
}

void Simulation::add_admin(const std::string& name, const ConfigMap& config) {
  AdminClientConfig parsed = AdminClientConfig::parse(config);
  require_idle(name);
  act("add " + name, [name, parsed](Simulation& s) {
    s.add_process(name, [&](auto process) { return admin_main(process, parsed); });
  });
  await_ready(name);
}

void Simulation::act(const std::string& what, Action action) {
  journal_.push_back({position(), what, action});
  action(*this);
}

Simulation::CallId Simulation::start(const std::string& node, const std::string& name,
                                     Operation operation) {
  (void)process(node);
  const CallId id = next_call_;
  act(node + ": " + name, [node, name, operation = std::move(operation)](Simulation& s) {
    // By shared_ptr: the call may outlast the simulation's record of it, never its process.
    const std::shared_ptr<Process> process = s.processes_.at(node);
    auto result = std::make_shared<std::any>();
    auto started = s.runtime_->scheduler().start(
        *process->node, name,
        [&s, process, result, operation] { *result = operation(s, *process); });
    s.calls_[s.next_call_++] = {std::move(started), std::move(result)};
  });
  return id;
}

void Simulation::crash(const std::string& node, sim::Crash how) {
  (void)process(node);
  act("crash " + node, [node, how](Simulation& s) {
    s.runtime_->crash(node, how);
    s.processes_.at(node)->node = nullptr;
  });
}

void Simulation::arm_crash(const std::string& node, int changes) {
  (void)process(node);
  act(fmt::format("{} crashes after {} more changes of its disk", node, changes),
      [node, changes](Simulation& s) { s.runtime_->disk(node).crash_after(changes); });
}

void Simulation::boot_now(const std::string& node) {
  if (node == kZooKeeper)
    return add_process(node, [](auto process) { return zookeeper_main(process); });
  for (BrokerId id = 1; id <= options_.brokers; ++id) {
    if (node != broker_name(id)) continue;
    KafkaConfig config = KafkaConfig::parse(small_broker(options_, id));
    config.replication_defects = options_.replication_defects;
    config.fetcher_defects = options_.fetcher_defects;
    config.controller.defects = options_.controller_defects;
    return add_process(node, [&](auto process) {
      return broker_main(process, config, options_.leader_selectors);
    });
  }
}

void Simulation::require_server(const std::string& node) const {
  if (node == kZooKeeper && options_.brokers > 1) return;
  for (BrokerId id = 1; id <= options_.brokers; ++id) {
    if (node == broker_name(id)) return;
  }
  throw KafkaException(ErrorCode::kInvalidRequest,
                       fmt::format("{} is no broker of this simulation: it has broker-1 to {}",
                                   node, broker_name(options_.brokers)));
}

std::string Simulation::bootstrap_servers() const {
  std::string all;
  for (BrokerId id = 1; id <= options_.brokers; ++id)
    all += fmt::format("{}{}:9092", all.empty() ? "" : ",", broker_name(id));
  return all;
}

void Simulation::start_boot(const std::string& node) {
  require_server(node);
  require_idle(node);
  act("boot " + node, [node](Simulation& s) { s.boot_now(node); });
}

void Simulation::boot(const std::string& node) {
  start_boot(node);
  await_ready(node);
}

void Simulation::start_stop(const std::string& node) {
  (void)process(node);
  act("stop " + node, [node](Simulation& s) {
    Process& process = *s.processes_.at(node);
    process.leaving = true;
    s.runtime_->scheduler().wake_all(process.running);
  });
}

void Simulation::stop(const std::string& node) {
  start_stop(node);
  if (!run_until([&] { return has_ended(node); }, kBootLimit))
    throw KafkaException(ErrorCode::kRequestTimedOut, node + " does not stop");
  (void)bury(node);
  rethrow(node);
}

bool Simulation::has_ended(const std::string& node) const {
  return is_running(node) && processes_.at(node)->main->done;
}

std::string Simulation::bury(const std::string& node) {
  act("bury " + node, [node](Simulation& s) {
    s.runtime_->retire(node);
    s.processes_.at(node)->node = nullptr;
  });
  try {
    rethrow(node);
  } catch (const KafkaException& e) {
    return e.what();
  } catch (const zk::ZkException& e) {
    return e.what();
  }
  return {};
}

/// What the node's main died of, if it did.
void Simulation::rethrow(const std::string& node) const {
  if (const auto failure = processes_.at(node)->main->failure) std::rethrow_exception(failure);
}

void Simulation::replace_disk(const std::string& node) {
  require_server(node);
  require_idle(node);
  act("replace the disk of " + node, [node](Simulation& s) { s.runtime_->replace_disk(node); });
}

void Simulation::await_ready(const std::string& node) {
  const Process& process = *processes_.at(node);
  if (!run_until([&] { return process.ready || process.main->done; }, kBootLimit)) {
    throw KafkaException(ErrorCode::kRequestTimedOut,
                         node + " did not start:\n" + runtime_->scheduler().report());
  }
  if (!has_ended(node)) return;
  (void)bury(node);
  rethrow(node);
}

/// Until every broker can tell clients of all the others.
void Simulation::await_all_known() {
  const auto count = static_cast<size_t>(options_.brokers);
  const bool all = run_until(
      [&] {
        for (BrokerId id = 1; id <= options_.brokers; ++id) {
          KafkaServer* server = processes_.at(broker_name(id))->server;
          if (server->metadata_cache().current()->brokers.size() < count) return false;
        }
        return true;
      },
      kBootLimit);
  if (!all) {
    throw KafkaException(ErrorCode::kRequestTimedOut,
                         "the brokers did not find each other:\n" + runtime_->scheduler().report());
  }
}

bool Simulation::tick() {
  const bool did = runtime_->scheduler().tick();
  check_invariants();
  return did;
}

sim::Turn Simulation::step() {
  const uint64_t before = runtime_->scheduler().turns();
  while (runtime_->scheduler().turns() == before) {
    if (!tick()) return {};
  }
  return runtime_->scheduler().last_turn();
}

bool Simulation::run_until(const std::function<bool()>& condition, Duration limit) {
  sim::SimScheduler& scheduler = runtime_->scheduler();
  const Instant end = deadline_after(scheduler.now(), limit);
  while (!condition()) {
    if (scheduler.next_tick() > end || !tick()) {
      if (end != kForever) scheduler.advance_to(end);
      return condition();
    }
  }
  return true;
}

void Simulation::run_for(Duration duration) {
  (void)run_until([] { return false; }, duration);
}

EventId Simulation::run_until_event(const std::string& kind, const TraceFields& fields,
                                    Duration limit) {
  const sim::SimTracer& trace = runtime_->trace();
  EventId seen = trace.count();
  EventId found = kNoEvent;
  run_until(
      [&] {
        for (; seen < trace.count() && found == kNoEvent; ++seen) {
          if (trace.event(seen + 1).matches(kind, fields)) found = seen + 1;
        }
        return found != kNoEvent;
      },
      limit);
  return found;
}

void Simulation::wait(CallId call, Duration limit) {
  const sim::StartedCall& started = *calls_.at(call).started;
  const bool returned = run_until([&] { return started.done; }, limit);
  if (returned) return;
  const std::string report = runtime_->scheduler().report();
  if (runtime_->scheduler().next_tick() == kForever)
    throw sim::Deadlock("nothing can run any more:\n" + report);
  throw KafkaException(ErrorCode::kRequestTimedOut,
                       "the call has not returned within its limit of virtual time:\n" + report);
}

bool Simulation::done(CallId call) const { return calls_.at(call).started->done; }

const std::any& Simulation::result(CallId call) const {
  const CallRecord& record = calls_.at(call);
  if (!record.started->done)
    throw KafkaException(ErrorCode::kInvalidRequest, "the call has not returned yet");
  if (record.started->failure) std::rethrow_exception(record.started->failure);
  return *record.result;
}

Process& Simulation::process(const std::string& node) {
  if (!is_running(node)) {
    throw KafkaException(ErrorCode::kInvalidRequest, processes_.contains(node)
                                                         ? node + " has crashed or was stopped"
                                                         : "there is no node " + node);
  }
  return *processes_.at(node);
}

std::vector<std::string> Simulation::nodes() const {
  std::vector<std::string> names;
  for (const auto& [name, process] : processes_) names.push_back(name);
  return names;
}

void Simulation::catch_up(Position to, const std::function<bool(const Simulation&)>& there,
                          bool& arrived) {
  while (runtime_->scheduler().ticks() < to.ticks && !(arrived = there(*this))) {
    try {
      tick();
    } catch (const std::exception&) {
      // The run that is replayed went on after it too.
    }
  }
  if (!arrived) runtime_->scheduler().advance_to(to.time);
}

std::unique_ptr<Simulation> Simulation::replay(
    const std::function<bool(const Simulation&)>& there) const {
  auto copy = std::make_unique<Simulation>(options_);
  copy->replaying_ = true;
  bool arrived = false;
  for (const JournalEntry& entry : journal_) {
    copy->catch_up(entry.at, there, arrived);
    if (arrived || there(*copy)) break;
    copy->act(entry.what, entry.action);
  }
  if (!arrived && copy->journal_.size() == journal_.size())
    copy->catch_up(position(), there, arrived);
  copy->replaying_ = false;
  return copy;
}

void Simulation::watch(std::unique_ptr<Invariant> invariant) {
  checked_ = runtime_->trace().count();
  invariants_.push_back(std::move(invariant));
}

void Simulation::check_invariants() {
  const sim::SimTracer& trace = runtime_->trace();
  if (invariants_.empty()) return;
  for (; checked_ < trace.count(); ++checked_) {
    const TraceEvent& event = trace.event(checked_ + 1);
    for (const auto& invariant : invariants_) {
      const std::string wrong = invariant->check(event, *this);
      if (wrong.empty()) continue;
      throw InvariantViolated(fmt::format("{}: {}\n  seed {}, turn {}, after {} on {}",
                                          invariant->statement(), wrong, options_.seed,
                                          runtime_->scheduler().turns(), event.kind, event.node));
    }
  }
}

}  // namespace kafkascope

// Simulation: brokers and their clients in virtual time, to be stepped, broken, rewound and forked.
#pragma once

#include <any>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/config_def.h"
#include "common/types.h"
#include "controller/controller_config.h"
#include "replication/fetcher/fetcher_defects.h"
#include "replication/replication_defects.h"
#include "runtime/sim/sim_runtime.h"
#include "simulation/invariant.h"
#include "simulation/journal.h"
#include "simulation/process.h"

namespace kafkascope {

struct SimulationOptions {
  uint64_t seed = 1;
  sim::Policy policy = sim::Policy::kRoundRobin;
  ConfigMap broker_config;                   // Kafka's keys, over what a small simulated broker has
  int brokers = 1;                           // several: beside a ZooKeeper, on the node "zookeeper"
  std::map<BrokerId, ConfigMap> own_config;  // of one broker, over the others
  LeaderSelectorFactory leader_selectors;    // empty: Kafka's
  // Bugs planted in all brokers, for tests of the invariants.
  ReplicationDefects replication_defects;
  FetcherDefects fetcher_defects;
  ControllerDefects controller_defects;
};

/// Brokers "broker-1" and so on, started by the constructor, and any number of clients, each on a
/// node of its own. What is asked from outside goes into a journal, from which replay() makes the
/// same run again up to any place. Not thread-safe, and its calls may not be made from a callback
/// inside it.
///
/// What stepping throws: sim::Deadlock, sim::Livelock, InvariantViolated, and what a thread of a
/// node died of.
class Simulation {
 public:
  using CallId = uint64_t;
  /// Runs on a fiber of the process. The simulation is the one that it runs in: a replay is
  /// another.
  using Operation = std::function<std::any(Simulation&, Process&)>;

  explicit Simulation(SimulationOptions options);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Asked from outside: journalled.
  /// A client on a new node of this name. Throws ConfigException; KafkaException when the name is
  /// taken.
  void add_producer(const std::string& name, const ConfigMap& config,
                    const PartitionerFactory& partitioner = {});
  void add_consumer(const std::string& name, const ConfigMap& config);
  void add_admin(const std::string& name, const ConfigMap& config);
  /// Makes the operation a fiber of the node; the turns that follow run it. Every replay runs it
  /// again, so it holds copies, and finds what earlier calls returned by their ids: result(sent).
  CallId start(const std::string& node, const std::string& name, Operation operation);
  /// Does something at once: a fault, a change of the weather.
  void act(const std::string& what, Action action);
  /// The node dies between two instructions; its disk keeps what the seed decides.
  void crash(const std::string& node, sim::Crash how = {});
  /// So many more changes of the node's disk come to pass; whoever makes the one after them goes no
  /// further. Turn until crash_is_due(), then crash().
  void arm_crash(const std::string& node, int changes);
  bool crash_is_due(const std::string& node) const { return runtime_->disk_crashed(node); }
  /// Boots a broker, or ZooKeeper, that crashed or was stopped, on the disk as it is, and waits
  /// until it serves.
  void boot(const std::string& node);
  /// As boot, without waiting: a broker cannot serve while it does not reach ZooKeeper.
  void start_boot(const std::string& node);
  /// A controlled shutdown of a broker, or the end of a client that was closed; waited for.
  void stop(const std::string& node);
  /// As stop, without waiting: turn until has_ended(), then bury() it.
  void start_stop(const std::string& node);
  /// Its main returned or threw: it was stopped, could not start, or its last disk failed.
  bool has_ended(const std::string& node) const;
  /// The node is down from now on. Returns what it died of, if that is Kafka's or ZooKeeper's to
  /// say; throws what else it threw. Empty: it ended in peace.
  std::string bury(const std::string& node);
  /// The node is down, and gets an empty disk.
  void replace_disk(const std::string& node);

  // Moving on.
  bool tick();
  /// One turn of one thread; number 0 when nothing can run.
  sim::Turn step();
  bool run_until(const std::function<bool()>& condition, Duration limit);
  void run_for(Duration duration);
  /// The id of the next event of this kind whose fields have these values, or kNoEvent at the
  /// limit.
  EventId run_until_event(const std::string& kind, const TraceFields& fields, Duration limit);
  /// Turns until the call is done. Throws Deadlock, or KafkaException(REQUEST_TIMED_OUT) when
  /// `limit` of virtual time has passed.
  void wait(CallId call, Duration limit = std::chrono::hours(1));

  // Looking.
  bool done(CallId call) const;
  /// What the operation returned; throws what it threw. Only when done.
  const std::any& result(CallId call) const;
  /// The process on a node. Throws KafkaException when there is none or it has crashed.
  Process& process(const std::string& node);
  bool is_running(const std::string& node) const;
  std::vector<std::string> nodes() const;
  /// Where clients begin: all brokers.
  std::string bootstrap_servers() const;
  Position position() const { return {runtime_->scheduler().ticks(), runtime_->scheduler().now()}; }
  const Journal& journal() const { return journal_; }
  const SimulationOptions& options() const { return options_; }
  sim::SimRuntime& runtime() { return *runtime_; }
  const sim::SimRuntime& runtime() const { return *runtime_; }
  /// True while a replay makes up leeway: what was told to the outside once is not told again.
  bool replaying() const { return replaying_; }

  /// The same run again, in a simulation of its own: until `there` says so, else up to this one's
  /// position.
  std::unique_ptr<Simulation> replay(const std::function<bool(const Simulation&)>& there) const;

  /// Checked from now on, after each turn with events.
  void watch(std::unique_ptr<Invariant> invariant);

 private:
  struct CallRecord {
    std::shared_ptr<const sim::StartedCall> started;
    std::shared_ptr<std::any> result;
  };

  void add_process(const std::string& name,
                   const std::function<std::function<void()>(std::shared_ptr<Process>)>& main);
  void boot_now(const std::string& node);
  void require_server(const std::string& node) const;
  void await_ready(const std::string& node);
  void await_all_known();
  void catch_up(Position to, const std::function<bool(const Simulation&)>& there, bool& arrived);
  void check_invariants();
  void require_idle(const std::string& node) const;
  void rethrow(const std::string& node) const;

  const SimulationOptions options_;
  Journal journal_;  // outlives the fibers: what its actions hold is never let go by one of them
  std::unique_ptr<sim::SimRuntime> runtime_;
  std::map<std::string, std::shared_ptr<Process>> processes_;
  std::map<CallId, CallRecord> calls_;
  CallId next_call_ = 1;
  std::vector<std::unique_ptr<Invariant>> invariants_;
  EventId checked_ = kNoEvent;
  bool replaying_ = false;
};

}  // namespace kafkascope

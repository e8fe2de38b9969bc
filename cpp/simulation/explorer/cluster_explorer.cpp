#include "simulation/explorer/cluster_explorer.h"

#include <fmt/core.h>

#include "simulation/explorer/cluster_faults.h"
#include "simulation/explorer/story.h"
#include "simulation/explorer/workload.h"
#include "simulation/invariants/all.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

constexpr int kPartitions = 2;
constexpr Duration kMixLasts = 30s;
/// Three times the longest of session, request and lag timeouts, and the way through ZooKeeper.
constexpr Duration kRecoversWithin = 120s;

/// By the seed: every append is synced, so that power may be lost anywhere; or it is not, and
/// replication alone keeps what is acknowledged.
bool syncs_every_append(uint64_t seed) { return seed % 2 == 0; }

int brokers_of(const ClusterExplorerOptions& options) {
  if (options.brokers > 0) return options.brokers;
  constexpr int kBrokers[] = {3, 3, 3, 3, 3, 4, 3, 3, 3, 5};
  return kBrokers[options.seed % std::size(kBrokers)];
}

SimulationOptions simulation_options(const ClusterExplorerOptions& options) {
  ConfigMap config{{"num.partitions", std::to_string(kPartitions)},
                   {"default.replication.factor", "3"},
                   {"min.insync.replicas", "2"},
                   {"unclean.leader.election.enable", "false"},
                   {"replica.lag.time.max.ms", "5000"},
                   {"zookeeper.session.timeout.ms", "6000"},
                   {"controlled.shutdown.retry.backoff.ms", "500"},
                   {"leader.imbalance.check.interval.seconds", "20"},
                   {"log.segment.bytes", "8192"},
                   {"log.index.interval.bytes", "512"},
                   {"log.index.size.max.bytes", "4096"},
                   {"replica.high.watermark.checkpoint.interval.ms", "1000"},
                   {"log.flush.offset.checkpoint.interval.ms", "5000"},
                   {"log.flush.scheduler.interval.ms", "2000"},
                   {"log.flush.interval.ms", "4000"}};
  if (syncs_every_append(options.seed)) config["log.flush.interval.messages"] = "1";
  SimulationOptions result{options.seed, policy_of(options.seed), std::move(config)};
  result.brokers = brokers_of(options);
  result.replication_defects = options.replication_defects;
  result.fetcher_defects = options.fetcher_defects;
  result.controller_defects = options.controller_defects;
  return result;
}

class ClusterRun {
 public:
  explicit ClusterRun(const ClusterExplorerOptions& options)
      : options_(options),
        random_(Random(options.seed).stream("cluster explorer")),
        simulation_(simulation_options(options)) {
    watch_all_invariants(simulation_);
    simulation_.watch(std::make_unique<CoverageMarks>(report_.marks));
  }

  ClusterExplorerReport run() {
    try {
      begin();
      if (options_.faults) torment();
      faults_.heal();
      require_recovery();
      settle();
      workload_.read_everything();
      judge();
    } catch (const std::exception& e) {
      report_.failure = story_of(simulation_, e.what());
    }
    report_.seed = options_.seed;
    report_.brokers = simulation_.options().brokers;
    report_.turns = simulation_.runtime().scheduler().turns();
    report_.digest = simulation_.runtime().trace().digest();
    report_.simulated = simulation_.position().time;
    report_.acknowledged = workload_.ledger().acknowledged_count();
    report_.polled = workload_.ledger().polled_count();
    report_.faults = faults_.injected();
    return report_;
  }

 private:
  /// The topic is there before anything goes wrong.
  void begin() {
    workload_.send();
    if (!simulation_.run_until([this] { return faults_.cluster().all_in_sync(); }, kRecoversWithin))
      throw InvariantViolated("liveness: the topic has no full ISR:\n" +
                              faults_.cluster().report());
  }

  void torment() {
    const Instant end = simulation_.position().time + options_.duration;
    while (simulation_.position().time < end) {
      faults_.draw_mix();
      const Instant mix_end = std::min(end, simulation_.position().time + kMixLasts);
      while (simulation_.position().time < mix_end) round();
    }
  }

  /// Some sends, perhaps a poll and a fault, and some time.
  void round() {
    const uint64_t sends = random_.below(6);
    for (uint64_t i = 0; i < sends; ++i) workload_.send();
    if (random_.chance(0.3)) workload_.poll();
    faults_.maybe_inject();
    const auto lasts = std::chrono::milliseconds(random_.below(400));
    simulation_.run_until([this] { return faults_.somebody_fell(); }, lasts);
    faults_.look_after_nodes();
    workload_.settle_done();
  }

  void require_recovery() {
    const Instant end = simulation_.position().time + kRecoversWithin;
    while (!(faults_.cluster().all_run() && faults_.cluster().all_in_sync())) {
      simulation_.run_for(100ms);
      faults_.look_after_nodes();
      if (simulation_.position().time >= end)
        throw InvariantViolated("liveness: healed, and not recovered:\n" +
                                faults_.cluster().report() +
                                simulation_.runtime().scheduler().report());
    }
  }

  /// delivery.timeout.ms is longer than any run: an idempotent producer that gives a batch up
  /// starts a new epoch, and sends again what may still lie in a broker under the old one.
  void settle() {
    workload_.poll();
    simulation_.run_until(
        [this] {
          workload_.settle_done();
          return workload_.all_settled();
        },
        kRecoversWithin);
    workload_.require_settled();
  }

  void judge() {
    const std::string wrong = workload_.ledger().anomalies();
    if (!wrong.empty()) throw InvariantViolated(wrong);
    const std::vector<std::string> lost = workload_.ledger().lost();
    if (!lost.empty())
      throw InvariantViolated(fmt::format("{} of {} acknowledged records are gone, the first: {}",
                                          lost.size(), workload_.ledger().acknowledged_count(),
                                          lost.front()));
  }

  const ClusterExplorerOptions options_;
  ClusterExplorerReport report_;
  RandomStream random_;
  Simulation simulation_;
  Workload workload_{simulation_,
                     random_,
                     {.partitions = kPartitions,
                      .producer_config = {{"delivery.timeout.ms", "3600000"}},
                      .ledger_of_polls = true}};
  ClusterFaults faults_{simulation_, random_, kPartitions, syncs_every_append(options_.seed)};
};

}  // namespace

ClusterExplorerReport explore_cluster(const ClusterExplorerOptions& options) {
  return ClusterRun(options).run();
}

}  // namespace kafkascope

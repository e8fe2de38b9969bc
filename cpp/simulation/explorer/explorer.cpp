#include "simulation/explorer/explorer.h"

#include <fmt/core.h>

#include "simulation/explorer/story.h"
#include "simulation/explorer/workload.h"
#include "simulation/invariants/all.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBroker = "broker-1";
constexpr int kPartitions = 3;

ConfigMap broker_config(const ExplorerOptions& options) {
  ConfigMap config{{"num.partitions", std::to_string(kPartitions)},
                   {"log.segment.bytes", "4096"},
                   {"log.index.interval.bytes", "256"},
                   {"log.index.size.max.bytes", "4096"},
                   {"log.flush.offset.checkpoint.interval.ms", "5000"},
                   {"log.flush.scheduler.interval.ms", "2000"},
                   {"log.flush.interval.ms", "4000"}};
  if (options.sync_every_append) config["log.flush.interval.messages"] = "1";
  return config;
}

class Run {
 public:
  explicit Run(const ExplorerOptions& options)
      : options_(options),
        random_(Random(options.seed).stream("explorer")),
        simulation_({options.seed, policy_of(options.seed), broker_config(options)}) {
    watch_all_invariants(simulation_);
  }

  ExplorerReport run() {
    report_.seed = options_.seed;
    try {
      const Instant faults_end = simulation_.position().time + options_.duration * 3 / 4;
      while (simulation_.position().time < faults_end) round();
      heal();
      simulation_.run_for(options_.duration / 4);
      settle();
      workload_.read_everything();
      judge();
    } catch (const std::exception& e) {
      report_.failure = story_of(simulation_, e.what());
    }
    report_.turns = simulation_.runtime().scheduler().turns();
    report_.digest = simulation_.runtime().trace().digest();
    report_.simulated = simulation_.position().time;
    report_.acknowledged = workload_.ledger().acknowledged_count();
    return report_;
  }

 private:
  /// Some sends, perhaps a fault, and some time.
  void round() {
    const uint64_t sends = random_.below(12);
    for (uint64_t i = 0; i < sends; ++i) workload_.send();
    if (random_.chance(0.3)) workload_.poll();
    if (random_.chance(0.15)) fault();
    simulation_.run_for(std::chrono::milliseconds(random_.below(400)));
    if (!simulation_.is_running(kBroker) && random_.chance(0.5)) simulation_.boot(kBroker);
    workload_.settle_done();
  }

  void fault() {
    sim::NetworkFabric& network = simulation_.runtime().network();
    const std::string client = workload_.some_producer();
    switch (random_.below(8)) {
      case 0:
      case 1:
        return crash();
      case 2:
        ++report_.partitions;
        network.cut(kBroker, client);
        if (random_.chance(0.5)) network.cut(client, kBroker);
        return;
      case 3:
        return network.heal();
      case 4:
        ++report_.resets;
        return network.reset_between(kBroker, client);
      case 5:
        network.faults.reset_chance = random_.chance(0.5) ? 0 : 0.01;
        network.faults.partial_chance = random_.chance(0.5) ? 0 : 0.3;
        network.faults.link.latency_max = std::chrono::milliseconds(1 + random_.below(100));
        return;
      case 6:
        ++report_.disk_faults;
        simulation_.runtime().disk(kBroker).speed.sync =
            std::chrono::milliseconds(random_.below(300));
        return;
      default:
        return pause();
    }
  }

  void crash() {
    if (!simulation_.is_running(kBroker)) return;
    ++report_.crashes;
    if (random_.chance(0.5)) {  // before some change of the disk, not between two turns
      simulation_.arm_crash(kBroker, static_cast<int>(random_.below(12)));
      for (int i = 0; i < 10; ++i) workload_.send();
      simulation_.run_until([this] { return simulation_.crash_is_due(kBroker); }, 2s);
    }
    simulation_.crash(kBroker, {.power_loss = random_.chance(0.8), .silent = random_.chance(0.2)});
  }

  void pause() {
    if (!simulation_.is_running(kBroker)) return;
    simulation_.runtime().pause(kBroker);
    simulation_.run_for(std::chrono::milliseconds(random_.below(3000)));
    simulation_.runtime().resume(kBroker);
  }

  void heal() {
    simulation_.runtime().network().faults = {};
    simulation_.runtime().network().heal();
    simulation_.runtime().disk(kBroker).speed = {};
    if (!simulation_.is_running(kBroker)) simulation_.boot(kBroker);
  }

  /// By now every send has ended: delivery.timeout.ms has passed. It is left at two minutes, longer
  /// than a fault lasts: an idempotent producer that gives a batch up starts a new epoch, and sends
  /// again what may still lie in the broker under the old one.
  void settle() {
    simulation_.run_for(130s);
    workload_.settle_done();
    workload_.require_settled();
  }

  void judge() {
    const std::string wrong = workload_.ledger().anomalies();
    // Where synced records are safe nothing else may happen either. Where they are not, a hole in a
    // producer's sequence makes it start a new epoch, and send what may still be under way.
    if (options_.sync_every_append && !wrong.empty()) throw InvariantViolated(wrong);
    report_.anomalous = !wrong.empty();
    const std::vector<std::string> lost = workload_.ledger().lost();
    report_.lost = lost.size();
    if (options_.sync_every_append && !lost.empty()) {
      throw InvariantViolated(
          fmt::format("{} of {} acknowledged and synced records are gone, the first: {}",
                      lost.size(), workload_.ledger().acknowledged_count(), lost.front()));
    }
  }

  const ExplorerOptions options_;
  RandomStream random_;
  Simulation simulation_;
  Workload workload_{simulation_, random_, {.partitions = kPartitions}};
  ExplorerReport report_;
};

}  // namespace

ExplorerReport explore(const ExplorerOptions& options) { return Run(options).run(); }

}  // namespace kafkascope

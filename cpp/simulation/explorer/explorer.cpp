#include "simulation/explorer/explorer.h"

#include <fmt/core.h>

#include <optional>

#include "clients/consumer/kafka_consumer.h"
#include "clients/producer/kafka_producer.h"
#include "simulation/explorer/ledger.h"
#include "simulation/invariants/all.h"
#include "simulation/simulation.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;

constexpr const char* kBroker = "broker-1";
constexpr int kPartitions = 3;
constexpr int kProducers = 2;
constexpr size_t kTail = 15;  // events shown with a failure

sim::Policy policy_of(uint64_t seed) {
  constexpr sim::Policy kAll[] = {sim::Policy::kRandom, sim::Policy::kPriorities,
                                  sim::Policy::kRoundRobin};
  return kAll[seed % 3];
}

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
    for (int i = 0; i < kProducers; ++i) {
      simulation_.add_producer(producer(i), {{"bootstrap.servers", "broker-1:9092"},
                                             {"linger.ms", random_.chance(0.5) ? "0" : "20"},
                                             {"retry.backoff.ms", "50"},
                                             {"request.timeout.ms", "5000"},
                                             {"max.block.ms", "5000"}});
    }
    add_consumer("watcher");
  }

  ExplorerReport run() {
    report_.seed = options_.seed;
    try {
      const Instant faults_end = simulation_.position().time + options_.duration * 3 / 4;
      while (simulation_.position().time < faults_end) round();
      heal();
      simulation_.run_for(options_.duration / 4);
      settle();
      read_everything();
      judge();
    } catch (const std::exception& e) {
      report_.failure =
          fmt::format("seed {}: {}\nlast events:\n{}", options_.seed, e.what(), tail());
    }
    report_.turns = simulation_.runtime().scheduler().turns();
    report_.digest = simulation_.runtime().trace().digest();
    report_.simulated = simulation_.position().time;
    report_.acknowledged = ledger_.acknowledged_count();
    return report_;
  }

 private:
  std::string tail() {
    const auto& events = simulation_.runtime().trace().events();
    std::string lines;
    for (size_t i = events.size() - std::min(kTail, events.size()); i < events.size(); ++i)
      lines += "  " + events[i].to_string() + "\n";
    return lines;
  }

  struct Sent {
    Simulation::CallId call = 0;
    std::string value;
    bool settled = false;
  };

  static std::string producer(int i) { return fmt::format("producer-{}", i + 1); }
  void add_consumer(const std::string& name) {
    simulation_.add_consumer(name, {{"bootstrap.servers", "broker-1:9092"},
                                    {"auto.offset.reset", "earliest"},
                                    {"request.timeout.ms", "5000"},
                                    {"default.api.timeout.ms", "10000"}});
  }

  /// Some sends, perhaps a fault, and some time.
  void round() {
    const uint64_t sends = random_.below(12);
    for (uint64_t i = 0; i < sends; ++i) send(static_cast<int>(random_.below(kProducers)));
    if (random_.chance(0.3)) poll();
    if (random_.chance(0.15)) fault();
    simulation_.run_for(std::chrono::milliseconds(random_.below(400)));
    if (!simulation_.is_running(kBroker) && random_.chance(0.5)) simulation_.boot(kBroker);
    settle_done();
  }

  void send(int by) {
    const std::string value = fmt::format("{}-{}", by, next_value_++);
    const std::string padding(random_.below(200), '.');
    const auto partition = static_cast<PartitionIndex>(random_.below(kPartitions));
    const auto call = simulation_.start(
        producer(by), "send", [value, padding, partition](Simulation&, Process& p) -> std::any {
          return p.producer->send(
              {.topic = "t", .partition = partition, .value = as_bytes(value + padding)});
        });
    sent_.push_back({call, value});
  }

  void poll() {
    simulation_.start("watcher", "poll", [](Simulation&, Process& p) -> std::any {
      if (p.consumer->assignment().empty()) p.consumer->assign({{"t", 0}, {"t", 1}, {"t", 2}});
      return p.consumer->poll(p.node->clock().monotonic() + 200ms).count();
    });
  }

  void fault() {
    sim::NetworkFabric& network = simulation_.runtime().network();
    const std::string client = producer(static_cast<int>(random_.below(kProducers)));
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
      for (int i = 0; i < 10; ++i) send(static_cast<int>(random_.below(kProducers)));
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

  /// Takes note of the sends that have ended.
  void settle_done() {
    for (Sent& sent : sent_) {
      if (!sent.settled && simulation_.done(sent.call)) note(sent);
    }
  }
  void note(Sent& sent) {
    std::optional<FutureRecordMetadata> future;
    try {
      future = std::any_cast<FutureRecordMetadata>(simulation_.result(sent.call));
    } catch (const KafkaException&) {
      sent.settled = true;  // send() itself refused: it was never written
      return;
    }
    if (!future->done()) return;
    sent.settled = true;
    const Result<RecordMetadata> outcome = future->get();
    if (!outcome.ok()) return ledger_.unknown(sent.value);
    ledger_.acknowledged(outcome->topic_partition, outcome->offset, sent.value);
  }
  /// By now every send has ended: delivery.timeout.ms has passed. It is left at two minutes, longer
  /// than a fault lasts: an idempotent producer that gives a batch up starts a new epoch, and sends
  /// again what may still lie in the broker under the old one.
  void settle() {
    simulation_.run_for(130s);
    settle_done();
    for (const Sent& sent : sent_) {
      if (!sent.settled)
        throw InvariantViolated(fmt::format("liveness: the send of {} has not ended", sent.value));
    }
  }

  void read_everything() {
    add_consumer("reader");
    const auto polled =
        simulation_.start("reader", "read", [](Simulation&, Process& p) -> std::any {
          std::vector<TopicPartition> all;
          for (int i = 0; i < kPartitions; ++i) all.push_back({"t", i});
          p.consumer->assign(all);
          const auto ends = p.consumer->end_offsets(all);
          std::vector<ConsumerRecords> found;
          for (bool more = true; more;) {
            found.push_back(p.consumer->poll(p.node->clock().monotonic() + 1s));
            more = false;
            for (const auto& [partition, end] : ends) more |= p.consumer->position(partition) < end;
          }
          return found;
        });
    simulation_.wait(polled, 5min);
    const auto found = std::any_cast<std::vector<ConsumerRecords>>(simulation_.result(polled));
    for (const ConsumerRecords& records : found) {
      for (const PartitionRecords& part : records.partitions) {
        for (const ConsumerRecord& record : part.records) {
          const std::string padded = to_string(*record.value);
          ledger_.read(part.topic_partition, record.offset, padded.substr(0, padded.find('.')));
        }
      }
    }
  }

  void judge() {
    const std::string wrong = ledger_.anomalies();
    // Where synced records are safe nothing else may happen either. Where they are not, a hole in a
    // producer's sequence makes it start a new epoch, and send what may still be under way.
    if (options_.sync_every_append && !wrong.empty()) throw InvariantViolated(wrong);
    report_.anomalous = !wrong.empty();
    const std::vector<std::string> lost = ledger_.unseen();
    report_.lost = lost.size();
    if (options_.sync_every_append && !lost.empty()) {
      throw InvariantViolated(
          fmt::format("lost-write: {} of {} acknowledged and synced records are gone, the first {}",
                      lost.size(), ledger_.acknowledged_count(), lost.front()));
    }
  }

  const ExplorerOptions options_;
  RandomStream random_;
  Simulation simulation_;
  Ledger ledger_;
  std::vector<Sent> sent_;
  int next_value_ = 0;
  ExplorerReport report_;
};

}  // namespace

ExplorerReport explore(const ExplorerOptions& options) { return Run(options).run(); }

}  // namespace kafkascope

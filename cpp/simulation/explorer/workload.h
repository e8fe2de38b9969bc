// Workload: the clients of an explored run, and what they were told.
#pragma once

#include <string>
#include <vector>

#include "runtime/random.h"
#include "simulation/explorer/ledger.h"
#include "simulation/simulation.h"

namespace kafkascope {

struct ConsumerRecords;

/// Producers that send values of which no two are equal, and a consumer that polls now and then, of
/// one topic "t". In the end everything is read and the ledger says what is wrong.
class Workload {
 public:
  struct Options {
    int partitions = 3;
    int producers = 2;
    ConfigMap producer_config;  // over what they have
    bool ledger_of_polls = false;
  };
  Workload(Simulation& simulation, RandomStream& random, Options options);

  static std::string producer(int i);
  std::string some_producer() {
    return producer(static_cast<int>(random_.below(static_cast<uint64_t>(options_.producers))));
  }
  /// By one of the producers, to one of the partitions.
  void send();
  void poll();
  /// Takes note of the calls that have ended.
  void settle_done();
  /// By now every send must have ended. Throws InvariantViolated.
  void require_settled() const;
  bool all_settled() const;
  void read_everything();
  Ledger& ledger() { return ledger_; }

 private:
  struct Sent {
    Simulation::CallId call = 0;
    std::string value;
    bool settled = false;
  };
  void add_consumer(const std::string& name);
  void note(Sent& sent);
  void note_polls();
  std::vector<TopicPartition> all_partitions() const;

  Simulation& simulation_;
  RandomStream& random_;
  const Options options_;
  Ledger ledger_;
  std::vector<Sent> sent_;
  std::vector<Simulation::CallId> polls_;  // not noted yet
  int next_value_ = 0;
};

}  // namespace kafkascope

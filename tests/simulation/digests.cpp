// simulation_digests N: one scenario under the seeds 1 to N, the digest of each trace. Builds and
// languages are compared by what it prints (tests/python/test_simulation.py has the scenario too).
#include <cstdio>
#include <cstdlib>

#include "clients/producer/kafka_producer.h"
#include "simulation/simulation.h"

namespace kafkascope {
namespace {

void call(Simulation& s, const std::string& name, Simulation::Operation operation) {
  s.wait(s.start("producer-1", name, std::move(operation)));
}

void send(Simulation& s, const std::string& value) {
  const auto sent = s.start("producer-1", "send", [value](Simulation&, Process& p) -> std::any {
    return p.producer->send({.topic = "t", .value = as_bytes(value)});
  });
  s.wait(sent);
  call(s, "get", [sent](Simulation& now, Process&) -> std::any {
    const auto future = std::any_cast<FutureRecordMetadata>(now.result(sent));
    return future.wait_until(kForever) && future.get().ok();
  });
}

uint64_t digest_of(uint64_t seed) {
  constexpr sim::Policy kPolicies[] = {sim::Policy::kRoundRobin, sim::Policy::kRandom,
                                       sim::Policy::kPriorities};
  Simulation s({.seed = seed, .policy = kPolicies[seed % 3]});
  s.act("set the network's weather",
        [](Simulation& now) { now.runtime().network().faults.partial_chance = 0.2; });
  s.add_producer("producer-1", {{"bootstrap.servers", "broker-1:9092"}});
  call(s, "bootstrap", [](Simulation&, Process& p) -> std::any {
    p.producer->bootstrap(std::chrono::seconds(2));
    return {};
  });
  for (const char* value : {"a", "b", "c"}) send(s, value);
  s.crash("broker-1");
  s.run_for(std::chrono::seconds(1));
  s.boot("broker-1");
  send(s, "d");
  return s.runtime().trace().digest();
}

}  // namespace
}  // namespace kafkascope

int main(int argc, char** argv) {
  const uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    std::printf("%llu %016llx\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(kafkascope::digest_of(seed)));
  }
}

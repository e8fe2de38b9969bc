// simulation_explore FIRST LAST [unsynced]: each seed's minute of faults, with all invariants on.
// Ends with status 1 and the seed's story at the first violation.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "simulation/explorer/explorer.h"

int main(int argc, char** argv) {
  using namespace kafkascope;
  if (argc < 3) return std::fprintf(stderr, "usage: %s FIRST LAST [unsynced]\n", argv[0]), 2;
  const uint64_t first = std::strtoull(argv[1], nullptr, 10);
  const uint64_t last = std::strtoull(argv[2], nullptr, 10);
  const bool synced = argc < 4 || std::string_view(argv[3]) != "unsynced";
  uint64_t turns = 0, crashes = 0, partitions = 0, resets = 0, acknowledged = 0, lost = 0,
           anomalous = 0;
  double simulated = 0;
  const auto started = std::chrono::steady_clock::now();
  for (uint64_t seed = first; seed <= last; ++seed) {
    const ExplorerReport report = explore({.seed = seed, .sync_every_append = synced});
    if (!report.failure.empty()) {
      std::printf("%s\nagain: simulation_explore %llu %llu%s\n", report.failure.c_str(),
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(seed),
                  synced ? "" : " unsynced");
      return 1;
    }
    turns += report.turns, crashes += static_cast<uint64_t>(report.crashes);
    partitions += static_cast<uint64_t>(report.partitions);
    resets += static_cast<uint64_t>(report.resets);
    acknowledged += report.acknowledged, lost += report.lost;
    anomalous += report.anomalous ? 1 : 0;
    simulated += std::chrono::duration<double>(report.simulated).count();
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::printf("seeds %llu to %llu: all invariants hold\n", static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(last));
  std::printf("%llu crashes, %llu network partitions, %llu resets\n",
              static_cast<unsigned long long>(crashes), static_cast<unsigned long long>(partitions),
              static_cast<unsigned long long>(resets));
  std::printf("%llu records acknowledged, %llu of them lost\n",
              static_cast<unsigned long long>(acknowledged), static_cast<unsigned long long>(lost));
  if (!synced)
    std::printf("%llu seeds with a duplicate besides\n",
                static_cast<unsigned long long>(anomalous));
  std::printf("%.0f turns/s, %.0f simulated seconds a second\n",
              static_cast<double>(turns) / seconds, simulated / seconds);
}

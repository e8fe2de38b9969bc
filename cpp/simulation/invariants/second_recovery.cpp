#include "simulation/invariants/second_recovery.h"

#include "log/log_dir_failure_channel.h"
#include "log/log_manager.h"
#include "runtime/sim/sim_runtime.h"
#include "server/kafka_server.h"

namespace kafkascope {

std::vector<LogDescription> recover_again(Simulation& simulation, const std::string& node) {
  const sim::SimFileSystem& disk = simulation.runtime().disk(node);
  sim::SimRuntime scratch({.seed = 1});
  Node& machine = scratch.add_node("scratch");
  std::vector<LogDescription> logs;
  LogManagerConfig config = simulation.process(node).server->config().logs;
  config.cluster_id.clear();
  scratch.call(machine, [&] {
    for (const std::string& path : disk.paths()) {
      machine.files().create_directories(parent_path(path));
      machine.files().open(path, OpenMode::kTruncate)->pwrite(*disk.content(path), 0);
    }
    LogDirFailureChannel failures(machine);
    LogManager manager(machine, config, failures);
    manager.startup();
    for (const std::shared_ptr<Log>& log : manager.all_logs()) logs.push_back(log->describe());
    manager.shutdown();
  });
  return logs;
}

}  // namespace kafkascope

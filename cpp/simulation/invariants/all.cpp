#include "simulation/invariants/all.h"

#include "simulation/invariants/acknowledged_is_committed.h"
#include "simulation/invariants/answers_in_order.h"
#include "simulation/invariants/candidates_complete.h"
#include "simulation/invariants/committed_prefixes_agree.h"
#include "simulation/invariants/fetches_return_appended.h"
#include "simulation/invariants/high_watermarks_bounded.h"
#include "simulation/invariants/isr_within_replicas.h"
#include "simulation/invariants/leaders_complete.h"
#include "simulation/invariants/offsets_ordered.h"
#include "simulation/invariants/one_controller.h"
#include "simulation/invariants/one_leader_per_epoch.h"
#include "simulation/invariants/operations_complete_once.h"
#include "simulation/invariants/recovered_logs_whole.h"

namespace kafkascope {
namespace {

/// For what was begun before and ends later.
void watch_since_start(Simulation& simulation, std::unique_ptr<Invariant> invariant) {
  for (const TraceEvent& event : simulation.runtime().trace().events())
    (void)invariant->check(event, simulation);
  simulation.watch(std::move(invariant));
}

}  // namespace

void watch_all_invariants(Simulation& simulation) {
  // Those that learn for others come first.
  const auto appended = std::make_shared<AppendedBatches>();
  simulation.watch(std::make_unique<RecoveredLogsWhole>(appended));
  simulation.watch(std::make_unique<FetchesReturnAppended>(appended));
  simulation.watch(std::make_unique<OffsetsOrdered>());
  watch_since_start(simulation, std::make_unique<OperationsCompleteOnce>());
  watch_since_start(simulation, std::make_unique<AnswersInOrder>());
  if (simulation.options().brokers == 1) return;
  const auto view = std::make_shared<ClusterView>();
  const auto committed = std::make_shared<CommittedRecords>(appended, view);
  simulation.watch(std::make_unique<CommittedPrefixesAgree>(view, committed));
  simulation.watch(std::make_unique<LeadersComplete>(view, committed));
  simulation.watch(std::make_unique<CandidatesComplete>(view, committed));
  simulation.watch(std::make_unique<HighWatermarksBounded>(committed));
  simulation.watch(std::make_unique<OneLeaderPerEpoch>(view));
  simulation.watch(std::make_unique<IsrWithinReplicas>(view));
  simulation.watch(std::make_unique<AcknowledgedIsCommitted>(committed));
  simulation.watch(std::make_unique<OneController>(view));
}

}  // namespace kafkascope

#include "simulation/invariants/all.h"

#include "simulation/invariants/answers_in_order.h"
#include "simulation/invariants/fetches_return_appended.h"
#include "simulation/invariants/offsets_ordered.h"
#include "simulation/invariants/operations_complete_once.h"
#include "simulation/invariants/recovered_logs_whole.h"

namespace kafkascope {

void watch_all_invariants(Simulation& simulation) {
  simulation.watch(std::make_unique<OffsetsOrdered>());
  simulation.watch(std::make_unique<FetchesReturnAppended>());
  simulation.watch(std::make_unique<RecoveredLogsWhole>());
  simulation.watch(std::make_unique<OperationsCompleteOnce>());
  simulation.watch(std::make_unique<AnswersInOrder>());
}

}  // namespace kafkascope

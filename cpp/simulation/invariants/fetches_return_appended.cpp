#include "simulation/invariants/fetches_return_appended.h"

#include <fmt/core.h>

#include "record/memory_records.h"
#include "replication/replica_manager.h"
#include "server/kafka_server.h"
#include "simulation/invariants/event_fields.h"
#include "simulation/invariants/live_log.h"

namespace kafkascope {

std::string FetchesReturnAppended::check(const TraceEvent& event, Simulation& simulation) {
  appended_.learn(event, simulation);
  if (std::string_view(event.kind) == "BrokerStarted") forget_lost(event, simulation);
  if (std::string_view(event.kind) != "RecordsFetched") return {};
  const std::shared_ptr<Log> log = live_log(simulation, event);
  if (log == nullptr) return {};
  return check_batches(event,
                       segment_bytes(simulation, event.node, log->dir(), number(event, "segment"),
                                     number(event, "position"), number(event, "bytes")),
                       log->high_watermark());
}

/// What a power loss took may be written anew, and that write may not be told when a crash follows.
void FetchesReturnAppended::forget_lost(const TraceEvent& event, Simulation& simulation) {
  KafkaServer& server = *simulation.process(event.node).server;
  for (const std::shared_ptr<Log>& log : server.replica_manager().log_manager().all_logs()) {
    if (auto* const partition = appended_.find(log->topic_partition().to_string()))
      partition->cut_from(log->log_end_offset());
  }
}

std::string FetchesReturnAppended::check_batches(const TraceEvent& event, ByteView bytes,
                                                 Offset high_watermark) {
  const std::string& name = text(event, "partition");
  const AppendedBatches::Partition* const partition = appended_.find(name);
  bool first = true;
  for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes))) {
    const std::string which =
        fmt::format("{}: the batch {}-{}", name, batch.base_offset(), batch.last_offset());
    if (first && (batch.base_offset() > number(event, "offset") ||
                  batch.last_offset() < number(event, "offset"))) {
      return fmt::format("{} does not cover the asked offset {}", which, number(event, "offset"));
    }
    first = false;
    if (batch.last_offset() >= high_watermark)
      return fmt::format("{} is not below the high watermark {}", which, high_watermark);
    if (partition == nullptr) return which + " was never appended";
    const auto found = partition->batches.find(batch.base_offset());
    // What was there before we looked on is not known.
    if (found == partition->batches.end()) continue;
    if (found->second != AppendedBatch::of(batch)) return which + " is not what was appended";
  }
  return {};
}

}  // namespace kafkascope

#include "simulation/invariants/fetches_return_appended.h"

#include <fmt/core.h>

#include "record/memory_records.h"
#include "simulation/invariants/event_fields.h"
#include "simulation/invariants/live_log.h"

namespace kafkascope {

std::string FetchesReturnAppended::check(const TraceEvent& event, Simulation& simulation) {
  if (std::string_view(event.kind) != "RecordsFetched") return {};
  const std::shared_ptr<Log> log = live_log(simulation, event);
  if (log == nullptr) return {};
  const bool from_follower = find_field(event, "replica") != nullptr;
  return check_batches(event,
                       segment_bytes(simulation, event.node, log->dir(), number(event, "segment"),
                                     number(event, "position"), number(event, "bytes")),
                       from_follower ? log->log_end_offset() : log->high_watermark());
}

std::string FetchesReturnAppended::check_batches(const TraceEvent& event, ByteView bytes,
                                                 Offset end) const {
  const AppendedBatches::AppendedLog* const log = appended_->find(log_of(event));
  bool first = true;
  for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes))) {
    const std::string which = fmt::format("{}: the batch {}-{}", text(event, "partition"),
                                          batch.base_offset(), batch.last_offset());
    if (first && (batch.base_offset() > number(event, "offset") ||
                  batch.last_offset() < number(event, "offset"))) {
      return fmt::format("{} does not cover the asked offset {}", which, number(event, "offset"));
    }
    first = false;
    if (batch.last_offset() >= end)
      return fmt::format("{} is not below {}, where what its reader may see ends", which, end);
    if (log == nullptr) return which + " was never appended";
    const auto found = log->batches.find(batch.base_offset());
    // What was there before we looked on is not known.
    if (found == log->batches.end()) continue;
    if (found->second != AppendedBatch::of(batch)) return which + " is not what was appended";
  }
  return {};
}

}  // namespace kafkascope

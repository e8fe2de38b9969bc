#include "simulation/invariants/offsets_ordered.h"

#include <fmt/core.h>

#include "simulation/invariants/event_fields.h"
#include "simulation/invariants/live_log.h"

namespace kafkascope {

std::string OffsetsOrdered::check(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind == "LogDeleted") starts_.erase(log_of(event));
  if (kind == "DiskReplaced")
    std::erase_if(starts_, [&](const auto& entry) { return entry.first.first == event.node; });
  const bool concerns = kind == "RecordsAppended" || kind == "HighWatermarkUpdated" ||
                        kind == "LogFlushed" || kind == "LogTruncated" ||
                        kind == "LogStartOffsetIncremented";
  if (!concerns) return {};
  const std::shared_ptr<Log> log = live_log(simulation, event);
  if (log == nullptr) return {};
  const Offset start = log->log_start_offset();
  const Offset stable = log->last_stable_offset();
  const Offset high = log->high_watermark();
  const Offset end = log->log_end_offset();
  const Offset recovery = log->recovery_point();
  Offset& before = starts_.try_emplace(log_of(event), start).first->second;
  const bool holds =
      start <= stable && stable <= high && high <= end && recovery <= end && before <= start;
  if (holds) {
    before = start;
    return {};
  }
  return fmt::format("{}: start {} (before {}), stable {}, high watermark {}, end {}, recovery {}",
                     text(event, "partition"), start, before, stable, high, end, recovery);
}

}  // namespace kafkascope

#include "simulation/invariants/appended_batches.h"

#include <algorithm>

#include "record/memory_records.h"
#include "simulation/invariants/event_fields.h"
#include "simulation/invariants/live_log.h"

namespace kafkascope {

LogName log_of(const TraceEvent& event) { return {event.node, text(event, "partition")}; }

bool AppendedBatches::AppendedLog::was_truncated(Offset base, const AppendedBatch& batch) const {
  const auto [first, last] = truncated.equal_range(base);
  return std::any_of(first, last, [&](const auto& entry) { return entry.second == batch; });
}

AppendedBatches::AppendedLog* AppendedBatches::find(const LogName& log) {
  const auto found = logs_.find(log);
  return found == logs_.end() ? nullptr : &found->second;
}

const AppendedBatches::AppendedLog* AppendedBatches::find(const LogName& log) const {
  const auto found = logs_.find(log);
  return found == logs_.end() ? nullptr : &found->second;
}

std::map<std::string, const AppendedBatches::AppendedLog*> AppendedBatches::of_partition(
    const std::string& partition) const {
  std::map<std::string, const AppendedLog*> found;
  for (const auto& [name, log] : logs_) {
    if (name.second == partition) found[name.first] = &log;
  }
  return found;
}

void AppendedBatches::learn(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind == "RecordsAppended") {
    const std::shared_ptr<Log> log = live_log(simulation, event);
    if (log == nullptr) return;
    const ByteView bytes =
        segment_bytes(simulation, event.node, log->dir(), number(event, "segment"),
                      number(event, "position"), number(event, "bytes"));
    AppendedLog& appended = logs_[log_of(event)];
    for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes)))
      appended.batches[batch.base_offset()] = AppendedBatch::of(batch);
  } else if (kind == "LogFlushed") {
    AppendedLog& appended = logs_[log_of(event)];
    appended.synced = std::max(appended.synced, number(event, "recovery_point"));
    appended.truncated.erase(appended.truncated.begin(),
                             appended.truncated.lower_bound(appended.synced));
  } else if (kind == "LogTruncated") {
    truncate(event);
  } else if (kind == "DivergingEpochFound") {
    // A truncation begins. A crash may come before the log tells of it.
    if (AppendedLog* const log = find(log_of(event))) log->synced = 0;
  } else if (kind == "LogDeleted") {
    logs_.erase(log_of(event));
  } else if (kind == "DiskReplaced") {
    std::erase_if(logs_, [&](const auto& entry) { return entry.first.first == event.node; });
  }
}

void AppendedBatches::truncate(const TraceEvent& event) {
  AppendedLog* const log = find(log_of(event));
  if (log == nullptr) return;
  const Offset end = number(event, "offset");
  log->truncated.insert(log->batches.lower_bound(end), log->batches.end());
  log->cut_from(end);
  log->synced = std::min(log->synced, end);
}

}  // namespace kafkascope

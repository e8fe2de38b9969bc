#include "simulation/invariants/appended_batches.h"

#include <algorithm>

#include "record/memory_records.h"
#include "simulation/invariants/event_fields.h"
#include "simulation/invariants/live_log.h"

namespace kafkascope {

AppendedBatches::Partition* AppendedBatches::find(const std::string& partition) {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? nullptr : &found->second;
}

void AppendedBatches::learn(const TraceEvent& event, Simulation& simulation) {
  const std::string_view kind = event.kind;
  if (kind == "RecordsAppended") {
    const std::shared_ptr<Log> log = live_log(simulation, event);
    if (log == nullptr) return;
    const ByteView bytes =
        segment_bytes(simulation, event.node, log->dir(), number(event, "segment"),
                      number(event, "position"), number(event, "bytes"));
    Partition& partition = partitions_[text(event, "partition")];
    for (const RecordBatch& batch : MemoryRecords(SharedSlice(nullptr, bytes)))
      partition.batches[batch.base_offset()] = AppendedBatch::of(batch);
  } else if (kind == "LogFlushed") {
    Partition& partition = partitions_[text(event, "partition")];
    partition.synced = std::max(partition.synced, number(event, "recovery_point"));
  } else if (kind == "LogTruncated") {
    if (Partition* partition = find(text(event, "partition"))) {
      partition->cut_from(number(event, "offset"));
      partition->synced = std::min(partition->synced, number(event, "offset"));
    }
  } else if (kind == "LogDeleted") {
    partitions_.erase(text(event, "partition"));
  }
}

}  // namespace kafkascope

// AppendedBatches: what was appended to each log, remembered outside the broker ("ghost" state).
#pragma once

#include <map>
#include <string>

#include "common/types.h"
#include "record/record_batch.h"
#include "simulation/simulation.h"

namespace kafkascope {

/// A batch as it was written. Equal checksums, sizes and offsets mean equal bytes.
struct AppendedBatch {
  Offset last_offset = 0;
  size_t size = 0;
  uint32_t crc = 0;
  LeaderEpoch epoch = kNoLeaderEpoch;

  static AppendedBatch of(const RecordBatch& batch) {
    return {batch.last_offset(), batch.size(), batch.crc(), batch.partition_leader_epoch()};
  }
  bool operator==(const AppendedBatch&) const = default;
};

class AppendedBatches {
 public:
  struct Partition {
    std::map<Offset, AppendedBatch> batches;  // by base offset
    Offset synced = 0;                        // below it everything was flushed
    Offset next_offset() const {
      return batches.empty() ? 0 : batches.rbegin()->second.last_offset + 1;
    }
    void cut_from(Offset offset) { batches.erase(batches.lower_bound(offset), batches.end()); }
  };

  /// Learns from appends, flushes, truncations and deletions. Each event once.
  void learn(const TraceEvent& event, Simulation& simulation);
  /// Null: nothing was ever appended.
  Partition* find(const std::string& partition);

 private:
  std::map<std::string, Partition> partitions_;
};

}  // namespace kafkascope

// AppendedBatches: what was appended to each log, remembered outside the brokers ("ghost" state).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/types.h"
#include "record/record_batch.h"
#include "simulation/simulation.h"

namespace kafkascope {

using LogName = std::pair<std::string, std::string>;  // node, partition

/// The log that an event with a field "partition" is about.
LogName log_of(const TraceEvent& event);

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

using Batches = std::map<Offset, AppendedBatch>;  // by base offset

class AppendedBatches {
 public:
  struct AppendedLog {
    Batches batches;
    Offset synced = 0;  // below it everything was flushed
    /// Truncated, and perhaps still on the disk: a power loss may bring it back.
    std::multimap<Offset, AppendedBatch> truncated;

    Offset next_offset() const {
      return batches.empty() ? 0 : batches.rbegin()->second.last_offset + 1;
    }
    void cut_from(Offset offset) { batches.erase(batches.lower_bound(offset), batches.end()); }
    bool was_truncated(Offset base, const AppendedBatch& batch) const;
  };

  /// Learns from appends, flushes, truncations and deletions. Each event once.
  void learn(const TraceEvent& event, Simulation& simulation);
  /// Null: nothing was ever appended.
  AppendedLog* find(const LogName& log);
  const AppendedLog* find(const LogName& log) const;
  /// The same partition's logs on all nodes.
  std::map<std::string, const AppendedLog*> of_partition(const std::string& partition) const;

 private:
  void truncate(const TraceEvent& event);

  std::map<LogName, AppendedLog> logs_;
};

}  // namespace kafkascope

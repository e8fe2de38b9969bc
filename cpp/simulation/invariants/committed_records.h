// CommittedRecords: what the cluster has promised to keep, as no single broker knows it ("ghost").
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "simulation/invariants/appended_batches.h"
#include "simulation/invariants/cluster_view.h"

namespace kafkascope {

/// Committed is what was below the high watermark of a leader at some time: the true high
/// watermark is the highest of all. An unclean election takes back what the new leader does not
/// have.
class CommittedRecords {
 public:
  struct Committed {
    Batches batches;
    Offset high_watermark = 0;
    LeaderEpoch unclean_epoch = -1;  // of the last unclean election
  };
  CommittedRecords(std::shared_ptr<const AppendedBatches> appended,
                   std::shared_ptr<const ClusterView> view)
      : appended_(std::move(appended)), view_(std::move(view)) {}

  /// From high watermarks and unclean elections. Each event once; the logs have learned of it.
  void learn(const TraceEvent& event);
  /// Null: nothing is committed.
  const Committed* find(const std::string& partition) const;
  /// What of the committed records from `from` up to `to` is not in the node's log; empty: all is.
  std::string missing(const std::string& node, const std::string& partition, Offset from,
                      Offset to) const;
  /// The node lost its unsynced records in a crash, and the ISR has not been without it since: what
  /// is asked of a replica in sync cannot be asked of it.
  bool may_have_lost(const std::string& node, const std::string& partition) const {
    return lossy_.contains({node, partition});
  }
  int unclean_elections() const { return unclean_elections_; }

 private:
  void commit(const TraceEvent& event);
  void take_back(const TraceEvent& event);
  void forgive(const std::string& partition);

  const std::shared_ptr<const AppendedBatches> appended_;
  const std::shared_ptr<const ClusterView> view_;
  std::map<std::string, Committed> partitions_;
  std::set<LogName> lossy_;
  int unclean_elections_ = 0;
};

}  // namespace kafkascope

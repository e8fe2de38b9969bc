// What a picture of a partition shows.
#pragma once

#include <optional>
#include <vector>

#include "metadata/cluster_metadata.h"

namespace kafkascope {

struct ReplicaProgress {
  BrokerId broker = -1;
  bool is_local = false;
  bool is_in_sync = false;
  bool is_adding = false;    // by a reassignment
  bool is_removing = false;  // by a reassignment
  Offset log_start_offset = -1;
  Offset log_end_offset = -1;                 // -1: it has not fetched yet
  Offset lag = 0;                             // behind the leader's log end
  std::optional<int64_t> ms_since_caught_up;  // none: never since the leader's epoch began
};

struct PartitionDescription {
  TopicPartition topic_partition;
  PartitionState state;
  bool is_leader = false;
  Offset log_start_offset = 0;
  Offset high_watermark = 0;
  Offset log_end_offset = 0;
  std::optional<Offset> leader_epoch_start_offset{};  // a leader's
  std::vector<BrokerId> maximal_isr{};
  bool isr_change_pending = false;
  std::vector<ReplicaProgress> replicas{};  // a follower knows only of itself
};

}  // namespace kafkascope

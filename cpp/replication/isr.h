// What is decided about a partition's in-sync replicas (ISR). Nothing here has state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/error_code.h"
#include "metadata/leader_and_isr.h"
#include "replication/replica.h"

namespace kafkascope {

using Replicas = std::map<BrokerId, Replica>;  // the followers, as their leader knows them

bool has_id(const std::vector<BrokerId>& ids, BrokerId id);
std::string join_ids(const std::vector<BrokerId>& ids);  // "1,2,3"

/// A change of the ISR that was proposed and is not answered yet: Kafka's PendingExpandIsr and
/// PendingShrinkIsr. While there is none, the ISR is committed.
struct PendingIsrChange {
  LeaderAndIsr proposed;  // with the partition epoch that it is based on
  bool expands = false;

  bool operator==(const PendingIsrChange&) const = default;
};

/// The largest set of replicas that may be in sync (KIP-497). A replica that joins counts from the
/// proposal on, one that leaves until the answer: whichever of the two the controller elects a
/// leader from, it has all that was acknowledged.
const std::vector<BrokerId>& maximal_isr(const std::vector<BrokerId>& committed,
                                         const std::optional<PendingIsrChange>& pending);

/// May the follower join the ISR? It must have all that is committed, and have reached the leader's
/// epoch: below its start, what both have may still differ.
bool is_follower_in_sync(const Replica& follower, Offset high_watermark,
                         Offset leader_epoch_start_offset);

/// Members of the ISR, without the leader, that have not caught up for too long.
std::vector<BrokerId> out_of_sync_replicas(const std::vector<BrokerId>& isr, BrokerId leader,
                                           const Replicas& followers, Offset leader_log_end_offset,
                                           Instant now, Duration max_lag);

/// What a leader does when its proposal was refused.
enum class AfterRefusal {
  kReset,  // certainly not applied: back to the committed ISR
  kStay,   // somebody knows better: pending until the controller says what is
  kRetry,
};
AfterRefusal after_refusal(ErrorCode error);

}  // namespace kafkascope

// Reassignment: what a change of a partition's replicas makes of its assignment. Pure.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "common/errors.h"
#include "controller/controller_context.h"

namespace kafkascope {

/// The replicas from before the reassignment.
std::vector<BrokerId> origin_replicas(const ReplicaAssignment& assignment);
/// The assignment while the partition moves to `target`: first the target, then those that go. A
/// reassignment under way is replaced, so what it added and the new one does not want is left out.
ReplicaAssignment reassign_to(const ReplicaAssignment& assignment,
                              const std::vector<BrokerId>& target);
/// Are all target replicas in sync?
bool is_reassignment_complete(const ReplicaAssignment& assignment,
                              const std::vector<BrokerId>& isr);

/// What to do about one partition of a request: an assignment to begin with, or why not
/// (INVALID_REPLICA_ASSIGNMENT, NO_REASSIGNMENT_IN_PROGRESS, UNKNOWN_TOPIC_OR_PARTITION). Without a
/// target the reassignment under way is cancelled.
Result<ReplicaAssignment> plan_reassignment(const ControllerContext& context,
                                            const TopicPartition& partition,
                                            const std::optional<std::vector<BrokerId>>& target);

}  // namespace kafkascope

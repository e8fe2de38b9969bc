#include "controller/reassignment.h"

#include "controller/broker_ids.h"

namespace kafkascope {
namespace {

/// Why these cannot be a partition's replicas; empty when they can.
std::string what_is_wrong(const ControllerContext& context, const ReplicaAssignment& current,
                          const BrokerIds& target) {
  if (target.empty()) return "Empty replica list specified in partition reassignment.";
  if (std::set<BrokerId>(target.begin(), target.end()).size() != target.size())
    return "Duplicate replica ids in partition reassignment replica list: " + join(target);
  if (std::any_of(target.begin(), target.end(), [](BrokerId id) { return id < 0; }))
    return "Invalid broker id in replica list: " + join(target);
  const BrokerIds adding = reassign_to(current, target).adding;
  for (BrokerId id : adding) {
    if (!context.is_live_broker(id)) {
      return "Replica assignment has brokers that are not alive. Replica list: " + join(adding) +
             ", live broker list: " + join(context.live_broker_ids());
    }
  }
  return "";
}

}  // namespace

BrokerIds origin_replicas(const ReplicaAssignment& assignment) {
  return without(assignment.replicas, assignment.adding);
}

ReplicaAssignment reassign_to(const ReplicaAssignment& assignment, const BrokerIds& target) {
  const BrokerIds origin = origin_replicas(assignment);
  ReplicaAssignment moving{.replicas = target};
  moving.adding = without(target, origin);
  moving.removing = without(origin, target);
  moving.replicas.insert(moving.replicas.end(), moving.removing.begin(), moving.removing.end());
  return moving;
}

bool is_reassignment_complete(const ReplicaAssignment& assignment, const BrokerIds& isr) {
  return without(assignment.target_replicas(), isr).empty();
}

Result<ReplicaAssignment> plan_reassignment(const ControllerContext& context,
                                            const TopicPartition& partition,
                                            const std::optional<BrokerIds>& target) {
  const ReplicaAssignment& current = context.partition_full_replica_assignment(partition);
  if (current.replicas.empty() || context.is_topic_queued_up_for_deletion(partition.topic))
    return Error{ErrorCode::kUnknownTopicOrPartition, "The partition does not exist."};
  if (!target.has_value()) {
    if (!current.is_being_reassigned()) {
      return Error{ErrorCode::kNoReassignmentInProgress,
                   "No reassignment of " + partition.to_string() + " is in progress."};
    }
    return reassign_to(current, origin_replicas(current));
  }
  if (const std::string wrong = what_is_wrong(context, current, *target); !wrong.empty())
    return Error{ErrorCode::kInvalidReplicaAssignment, wrong};
  return reassign_to(current, *target);
}

}  // namespace kafkascope

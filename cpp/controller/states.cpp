#include "controller/states.h"

#include <algorithm>
#include <initializer_list>

namespace kafkascope::controller {
namespace {

template <typename State>
bool is_one_of(State state, std::initializer_list<State> states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

}  // namespace

const char* to_string(PartitionState state) {
  switch (state) {
    case PartitionState::kNewPartition:
      return "NewPartition";
    case PartitionState::kOnlinePartition:
      return "OnlinePartition";
    case PartitionState::kOfflinePartition:
      return "OfflinePartition";
    case PartitionState::kNonExistentPartition:
      return "NonExistentPartition";
  }
  return "unknown";
}

const char* to_string(ReplicaState state) {
  switch (state) {
    case ReplicaState::kNewReplica:
      return "NewReplica";
    case ReplicaState::kOnlineReplica:
      return "OnlineReplica";
    case ReplicaState::kOfflineReplica:
      return "OfflineReplica";
    case ReplicaState::kReplicaDeletionStarted:
      return "ReplicaDeletionStarted";
    case ReplicaState::kReplicaDeletionSuccessful:
      return "ReplicaDeletionSuccessful";
    case ReplicaState::kReplicaDeletionIneligible:
      return "ReplicaDeletionIneligible";
    case ReplicaState::kNonExistentReplica:
      return "NonExistentReplica";
  }
  return "unknown";
}

bool may_follow(PartitionState from, PartitionState to) {
  using enum PartitionState;
  switch (to) {
    case kNewPartition:
      return from == kNonExistentPartition;
    case kOnlinePartition:
    case kOfflinePartition:
      return is_one_of(from, {kNewPartition, kOnlinePartition, kOfflinePartition});
    case kNonExistentPartition:
      return from == kOfflinePartition;
  }
  return false;
}

bool may_follow(ReplicaState from, ReplicaState to) {
  using enum ReplicaState;
  switch (to) {
    case kNewReplica:
      return from == kNonExistentReplica;
    case kOnlineReplica:
    case kOfflineReplica:
      return is_one_of(from,
                       {kNewReplica, kOnlineReplica, kOfflineReplica, kReplicaDeletionIneligible});
    case kReplicaDeletionStarted:
      return from == kOfflineReplica;
    case kReplicaDeletionSuccessful:
      return from == kReplicaDeletionStarted;
    case kReplicaDeletionIneligible:
      return is_one_of(from, {kOfflineReplica, kReplicaDeletionStarted});
    case kNonExistentReplica:
      return from == kReplicaDeletionSuccessful;
  }
  return false;
}

}  // namespace kafkascope::controller

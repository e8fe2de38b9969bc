// What the controller concludes from what it sees: which brokers changed, which leaders to move.
// Pure.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "common/errors.h"
#include "controller/controller_context.h"

namespace kafkascope {

/// What has become of the brokers since the context was last brought up to date.
struct BrokerChanges {
  std::set<BrokerId> added;
  std::set<BrokerId> bounced;  // died and came back in between: their epoch grew
  std::set<BrokerId> dead;
};
BrokerChanges broker_changes(const ControllerContext& context,
                             const ControllerContext::BrokersAndEpochs& current);

/// ElectionType of the protocol.
enum class ElectionType : int8_t { kPreferred = 0, kUnclean = 1 };

/// A request for elections, sorted into what can be tried and what need or may not be.
struct ElectionPlan {
  std::set<TopicPartition> electable;
  std::map<TopicPartition, Error> refused;
};
ElectionPlan plan_elections(const ControllerContext& context,
                            const std::set<TopicPartition>& partitions, ElectionType type);

/// The elections of preferred replicas that are due: of each broker that leads too few of the
/// partitions that prefer it.
std::set<TopicPartition> imbalanced_partitions(const ControllerContext& context,
                                               int allowed_percentage);

/// What a broker that is about to leave must give up.
struct ShutdownPlan {
  std::set<TopicPartition> led;
  std::set<TopicPartition> followed;
};
ShutdownPlan plan_controlled_shutdown(const ControllerContext& context, BrokerId broker);

}  // namespace kafkascope

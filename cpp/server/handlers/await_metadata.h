// Requests that are done only when this broker has heard so from the controller.
#pragma once

#include "server/cluster_membership.h"
#include "server/delayed_topic_operations.h"
#include "server/kafka_apis.h"

namespace kafkascope {

inline constexpr const char* kNotControllerMessage =
    "This is not the correct controller for this cluster.";

/// A broker that stands alone is its own controller.
inline bool is_controller(const ApiContext& context) {
  return context.cluster == nullptr || context.cluster->controller().is_active();
}

/// Calls back once all partitions have leaders, or the time is up: at once on a broker by itself.
void await_leaders(ApiContext& context, int32_t timeout_ms,
                   const std::set<TopicPartition>& partitions,
                   DelayedTopicOperation::Callback callback);
/// Calls back once none of the topics is there, or the time is up.
void await_deletion(ApiContext& context, int32_t timeout_ms, const std::set<std::string>& topics,
                    DelayedTopicOperation::Callback callback);
/// Calls back once each partition is led by this broker, or the time is up.
void await_election(ApiContext& context, int32_t timeout_ms,
                    const std::map<TopicPartition, BrokerId>& elected,
                    DelayedTopicOperation::Callback callback);

}  // namespace kafkascope

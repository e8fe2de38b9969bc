// AlterPartition: may a leader change its partition's ISR as it asks to? Pure.
#pragma once

#include <functional>
#include <map>

#include "common/errors.h"
#include "controller/controller_config.h"
#include "controller/controller_context.h"
#include "protocol/messages/alter_partition_request.h"
#include "protocol/messages/alter_partition_response.h"

namespace kafkascope {

/// What a request of a leader comes to, before anything is written.
struct AlterPartitionPlan {
  ErrorCode error = ErrorCode::kNone;              // of the whole request
  std::map<TopicPartition, LeaderAndIsr> changes;  // to be written
  /// Decided already: refused, or as it is wanted.
  std::map<TopicPartition, Result<LeaderAndIsr>> decided;
  /// UNKNOWN_TOPIC_ID for each of these.
  std::map<Uuid, std::vector<PartitionIndex>> unknown_topics;
};

/// Fences by broker epoch, leader epoch and partition epoch. Wanted in the ISR: live brokers only,
/// and from version 3 in the life that the leader knows (a replica that came back without its
/// records may not slip in).
AlterPartitionPlan plan_alter_partition(const ControllerContext& context,
                                        const protocol::AlterPartitionRequest& request,
                                        int16_t version, const ControllerDefects& defects = {});

/// The answer, grouped by topic, under topic ids from version 2.
protocol::AlterPartitionResponse alter_partition_response(
    const ControllerContext& context, const AlterPartitionPlan& plan, int16_t version,
    const std::map<TopicPartition, Result<LeaderAndIsr>>& outcomes);

}  // namespace kafkascope

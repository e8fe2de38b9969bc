// AlterPartitionManager: how a leader has its ISR changed.
#pragma once

#include <functional>

#include "common/errors.h"
#include "common/types.h"
#include "common/uuid.h"
#include "metadata/leader_and_isr.h"

namespace kafkascope {

/// The state that is in force now, with its new partition epoch; or why nothing was changed.
using AlterPartitionCallback = std::function<void(Result<LeaderAndIsr>)>;

/// Kafka's AlterPartitionManager (AlterIsrManager before 3.2). Any thread may call, with no lock
/// held that the callback takes.
class AlterPartitionManager {
 public:
  virtual ~AlterPartitionManager() = default;
  /// Proposes the ISR, which holds only if the partition still has the proposal's leader epoch and
  /// partition epoch. The callback runs once, perhaps before the call returns, perhaps never when
  /// the broker ends. OPERATION_NOT_ATTEMPTED: another proposal of the partition is on its way.
  virtual void submit(const TopicPartition& partition, const Uuid& topic_id,
                      const LeaderAndIsr& proposed, int32_t controller_epoch,
                      AlterPartitionCallback callback) = 0;
};

}  // namespace kafkascope

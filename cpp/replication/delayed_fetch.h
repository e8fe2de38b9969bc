// DelayedFetch: a fetch that waits for fetch.min.bytes or fetch.max.wait.ms.
#pragma once

#include "purgatory/delayed_operation.h"
#include "replication/produce_types.h"

namespace kafkascope {

class ReplicaManager;

/// Kafka's DelayedFetch. Complete when enough bytes are there, a partition was rolled, truncated or
/// lost, or the time is up; it then reads again and answers with what there is.
class DelayedFetch : public DelayedOperation {
 public:
  /// `starts`: where each partition's read began, by position in `requests`.
  DelayedFetch(ReplicaManager& replicas, FetchParams params,
               std::vector<FetchPartitionRequest> requests, std::vector<LogOffsetMetadata> starts,
               FetchCallback callback);

  std::string describe() const override;

 protected:
  bool try_complete() override;
  void on_complete() override;
  void on_expiration() override {}

 private:
  std::optional<int64_t> available_bytes(size_t index) const;

  ReplicaManager& replicas_;
  const FetchParams params_;
  const std::vector<FetchPartitionRequest> requests_;
  const std::vector<LogOffsetMetadata> starts_;
  FetchCallback callback_;
};

}  // namespace kafkascope

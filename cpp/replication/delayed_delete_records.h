// DelayedDeleteRecords: a DeleteRecords request that waits until all replicas have deleted.
#pragma once

#include <map>

#include "purgatory/delayed_operation.h"
#include "replication/produce_types.h"

namespace kafkascope {

class ReplicaManager;

/// Kafka's DelayedDeleteRecords: complete when the low watermark of every partition has reached
/// what was asked, or cannot any more.
class DelayedDeleteRecords : public DelayedOperation {
 public:
  DelayedDeleteRecords(Duration timeout, ReplicaManager& replicas, DeleteRecordsResults results,
                       DeleteRecordsCallback callback);

  std::string describe() const override { return "delete records"; }

 protected:
  bool try_complete() override;
  void on_complete() override;
  void on_expiration() override {}

 private:
  /// True when there is nothing more to wait for; the result then says how it ended.
  bool is_done(const TopicPartition& partition, DeleteRecordsResult& result);

  ReplicaManager& replicas_;
  DeleteRecordsResults results_;
  std::map<TopicPartition, bool> pending_;
  DeleteRecordsCallback callback_;
};

}  // namespace kafkascope

// DelayedProduce: a produce request with acks=all that waits for its replicas.
#pragma once

#include <map>

#include "purgatory/delayed_operation.h"
#include "replication/produce_types.h"

namespace kafkascope {

class ReplicaManager;

/// Kafka's DelayedProduce: complete when every partition's in-sync replicas have the records, or
/// cannot any more.
class DelayedProduce : public DelayedOperation {
 public:
  DelayedProduce(Duration timeout, ReplicaManager& replicas, ProduceResults results,
                 ProduceCallback callback);

  std::string describe() const override { return "produce"; }

 protected:
  bool try_complete() override;
  void on_complete() override;
  void on_expiration() override {}

 private:
  ReplicaManager& replicas_;
  ProduceResults results_;
  std::map<TopicPartition, bool> pending_;
  ProduceCallback callback_;
};

}  // namespace kafkascope

// Partitioner: who decides the partition of a record that names none.
#pragma once

#include <optional>
#include <string_view>

#include "clients/cluster.h"
#include "common/bytes.h"

namespace kafkascope {

/// Kafka's Partitioner. send() calls it on the sending thread; several threads may call at once.
class Partitioner {
 public:
  virtual ~Partitioner() = default;
  /// A partition in [0, partition count) of a topic that `cluster` knows.
  virtual PartitionIndex partition(std::string_view topic, std::optional<ByteView> key,
                                   std::optional<ByteView> value, const Cluster& cluster) = 0;
  /// A record has opened a new batch in `partition` (KIP-480): a chance to move on with the next
  /// ones.
  virtual void on_new_batch(std::string_view topic, const Cluster& cluster,
                            PartitionIndex partition);
  virtual void close() {}
};

/// Kafka's 32-bit Murmur2 with its seed, of which the default partitioner takes the positive part.
int32_t murmur2(ByteView data);
inline int32_t to_positive(int32_t number) { return number & 0x7fffffff; }
/// Every Kafka client maps a key to this partition.
inline PartitionIndex partition_for_key(ByteView key, int32_t partition_count) {
  return to_positive(murmur2(key)) % partition_count;
}

}  // namespace kafkascope

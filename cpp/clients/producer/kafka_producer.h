// KafkaProducer: sends records to topics, in batches, in the background.
#pragma once

#include <memory>
#include <string_view>

#include "clients/cluster.h"
#include "clients/connection_report.h"
#include "clients/producer/future_record_metadata.h"
#include "clients/producer/producer_config.h"
#include "clients/producer/producer_descriptions.h"

namespace kafkascope {

class MetricsRegistry;
class RecordAccumulator;
class Sender;
class ProducerMetadata;
class NetworkClient;
class TransactionManager;

/// Kafka's KafkaProducer over bytes. Any thread may call; send() takes one partition's lock and
/// copies the record into its open batch. The network thread is a Worker,
/// "kafka-producer-network-thread | <client.id>". close() must be called before it is destroyed.
class KafkaProducer {
 public:
  KafkaProducer(Node& node, ProducerConfig config);
  ~KafkaProducer();
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;

  /// Waits until a broker that the cluster advertises has answered. Throws
  /// KafkaException(kBrokerNotAvailable) that says which address answered what. Optional: send()
  /// connects by itself and waits up to max.block.ms.
  void bootstrap(Duration timeout);

  /// Appends to a batch. Blocks up to max.block.ms for metadata and buffer memory. Throws
  /// KafkaException when the record can never be sent (kMessageTooLarge, kInvalidTopicException),
  /// when metadata or memory did not come in time (kRequestTimedOut), after close(), and after a
  /// fatal error of the idempotent producer. What happens to the record later is told by the handle
  /// and the callback. Never call it with a callback's own locks held.
  FutureRecordMetadata send(ProducerRecord record, ProducerCallback callback = {});

  /// Makes all batches ready at once and waits until each has ended. False: the deadline passed
  /// first.
  bool flush(Instant deadline = kForever);
  /// Blocks up to max.block.ms. Throws KafkaException(kRequestTimedOut, ...) or the topic's own
  /// error.
  std::vector<PartitionInfo> partitions_for(std::string_view topic);
  /// Waits for what is unsent up to `timeout`, then fails the rest; returns how many records were
  /// failed so. Idempotent. Not from a callback: the network thread would wait for itself.
  int64_t close(Duration timeout = Duration::max());
  bool is_closed() const;

  const ConnectionReport& connections() const;
  MetricsRegistry& metrics();
  std::shared_ptr<const Cluster> cluster() const;
  const ProducerConfig& config() const;
  const std::string& client_id() const;
  /// Snapshots for inspection.
  ProducerDescription describe() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kafkascope

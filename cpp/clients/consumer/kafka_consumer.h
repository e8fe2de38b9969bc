// KafkaConsumer: reads records of assigned partitions, prefetching while the last ones are worked
// on.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "clients/cluster.h"
#include "clients/connection_report.h"
#include "clients/consumer/consumer_config.h"
#include "clients/consumer/consumer_descriptions.h"
#include "clients/consumer/consumer_record.h"

namespace kafkascope {

class MetricsRegistry;

/// Kafka's KafkaConsumer over bytes. One thread at a time: a second one that calls gets
/// KafkaException(kInvalidRequest), only wakeup() is for others. All network work happens inside
/// the calls. Calls with a deadline throw KafkaException(kRequestTimedOut) when it passes; the
/// message says why. Deadlines are the node's monotonic clock; where none is given,
/// default.api.timeout.ms holds.
class KafkaConsumer {
 public:
  KafkaConsumer(Node& node, ConsumerConfig config);
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  /// As KafkaProducer::bootstrap.
  void bootstrap(Duration timeout);

  /// Takes exactly these partitions; positions of those that stay are kept. Empty: unsubscribe.
  void assign(const std::vector<TopicPartition>& partitions);
  /// Without a group: all partitions of these topics, also those that are added later.
  void subscribe(const std::vector<std::string>& topics);
  void unsubscribe();
  std::set<TopicPartition> assignment() const;
  std::set<std::string> subscription() const;

  /// Records that are there, up to max.poll.records; waits for some until the deadline. Throws
  /// WakeupException after wakeup(), KafkaException for errors of a partition (kOffsetOutOfRange
  /// without a reset strategy, kTopicAuthorizationFailed, kCorruptMessage).
  ConsumerRecords poll(Instant deadline);
  /// As poll, but up to max_records.
  ConsumerRecords poll(Instant deadline, int32_t max_records);

  void seek(const TopicPartition& tp, Offset offset, LeaderEpoch epoch = kNoLeaderEpoch);
  /// Empty: all assigned ones. The reset itself happens in the next poll() or position().
  void seek_to_beginning(const std::vector<TopicPartition>& partitions);
  void seek_to_end(const std::vector<TopicPartition>& partitions);
  /// The offset of the next record that poll will return.
  Offset position(const TopicPartition& tp, std::optional<Instant> deadline = {});
  void pause(const std::vector<TopicPartition>& partitions);
  void resume(const std::vector<TopicPartition>& partitions);
  std::set<TopicPartition> paused() const;

  using Offsets = std::map<TopicPartition, Offset>;
  Offsets beginning_offsets(const std::vector<TopicPartition>& partitions,
                            std::optional<Instant> deadline = {});
  Offsets end_offsets(const std::vector<TopicPartition>& partitions,
                      std::optional<Instant> deadline = {});
  /// The earliest record at or after each timestamp; empty where there is none.
  std::map<TopicPartition, std::optional<OffsetAndTimestamp>> offsets_for_times(
      const std::map<TopicPartition, TimestampMs>& timestamps,
      std::optional<Instant> deadline = {});
  /// The last known end minus the position; empty before the first fetch.
  std::optional<int64_t> current_lag(const TopicPartition& tp) const;
  std::optional<Offset> highwater(const TopicPartition& tp) const;

  /// Empty when the topic does not exist.
  std::vector<PartitionInfo> partitions_for(std::string_view topic,
                                            std::optional<Instant> deadline = {});
  /// All topics that this client may see.
  std::map<std::string, std::vector<PartitionInfo>> list_topics(
      std::optional<Instant> deadline = {});

  /// Any thread: the current or next blocking call throws WakeupException.
  void wakeup();
  /// Ends fetch sessions politely, waiting up to `timeout`. Idempotent.
  void close(Duration timeout = std::chrono::seconds(30));
  bool is_closed() const;

  const ConnectionReport& connections() const;
  MetricsRegistry& metrics();
  std::shared_ptr<const Cluster> cluster() const;
  const ConsumerConfig& config() const;
  const std::string& client_id() const;
  ConsumerDescription describe() const;

 private:
  struct Parts;
  class Use;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kafkascope

// RecordAccumulator: where records wait in batches, partition by partition, until the Sender drains
// them.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "clients/cluster.h"
#include "clients/exponential_backoff.h"
#include "clients/producer/buffer_pool.h"
#include "clients/producer/built_in_partitioner.h"
#include "clients/producer/producer_batch.h"
#include "clients/producer/producer_config.h"
#include "clients/producer/transaction_manager.h"

namespace kafkascope {

/// The batches of one partition, oldest first; records are appended to the last one.
struct PartitionQueue {
  PartitionQueue(Node& node, TopicPartition tp)
      : topic_partition(std::move(tp)), mutex(node, "partition queue") {}

  const TopicPartition topic_partition;
  Mutex mutex;
  std::deque<std::shared_ptr<ProducerBatch>> batches KS_GUARDED_BY(mutex);
  std::atomic<int32_t> batch_count{
      0};  // of `batches`, so that the Sender can pass by empty queues without the lock
  std::atomic<bool> muted{false};  // max.in.flight 1: a batch is under way
};

/// What the accumulator keeps of one topic. Lives as long as the accumulator, so that senders may
/// hold on to it.
struct TopicQueues {
  struct Layout {
    std::vector<PartitionQueue*> partitions;
  };
  TopicQueues(Node& node, std::string topic, int32_t batch_size)
      : name(std::move(topic)), built_in_partitioner(node, name, batch_size) {}

  const std::string name;
  BuiltInPartitioner built_in_partitioner;
  /// Null until metadata tells the partition count. Replaced when partitions are added; readers may
  /// hold old ones.
  std::atomic<const Layout*> layout{nullptr};

  std::vector<std::unique_ptr<PartitionQueue>> queues;  // under the accumulator's topics lock
  std::vector<std::unique_ptr<const Layout>> all_layouts;
};

/// Kafka's RecordAccumulator. append() may be called by any thread and takes one partition's lock;
/// the rest is the network thread's, unless said otherwise.
class RecordAccumulator {
 public:
  RecordAccumulator(Node& node, const ProducerConfig& config, TransactionManager& transactions);

  /// The topic's queues. Any thread.
  TopicQueues& topic(std::string_view name);
  void set_partition_count(TopicQueues& topic, int32_t partition_count);
  /// For the topics that are in use.
  void update_partition_counts(const Cluster& cluster);

  struct AppendResult {
    FutureRecordMetadata future;
    bool batch_is_full = false;  // a batch is ready to go
    bool new_batch = false;
    int32_t appended_bytes = 0;
  };
  /// Blocks until the deadline for memory; throws KafkaException after close().
  AppendResult append(PartitionQueue& queue, const ProducerRecord& record, TimestampMs timestamp,
                      ProducerCallback& callback, Duration max_block);

  struct ReadyCheck {
    std::map<BrokerId, std::vector<PartitionQueue*>>
        queues_by_node;  // of the nodes that have something ready
    Duration next_check = Duration::max();
    std::set<std::string> unknown_leader_topics;
  };
  ReadyCheck ready(const Cluster& cluster, Instant now);
  /// Batches for one node, together at most `max_size` bytes (but at least one), at most one a
  /// partition.
  std::vector<std::shared_ptr<ProducerBatch>> drain(BrokerId node,
                                                    const std::vector<PartitionQueue*>& queues,
                                                    const Cluster& cluster, int32_t max_size,
                                                    Instant now);

  /// For another attempt, after a backoff.
  void reenqueue(const std::shared_ptr<ProducerBatch>& batch, Instant now);
  /// Puts the parts of a batch that was too large in its place. Returns how many.
  size_t split_and_reenqueue(const std::shared_ptr<ProducerBatch>& batch, Instant now);
  std::vector<std::shared_ptr<ProducerBatch>> take_expired(Instant now);
  void deallocate(const std::shared_ptr<ProducerBatch>& batch);
  void mute(const TopicPartition& tp) { queue_of(tp).muted = true; }
  void unmute(const TopicPartition& tp) { queue_of(tp).muted = false; }

  bool has_undrained() const;
  bool has_incomplete() const;
  // Flush, from any thread.
  void begin_flush() { ++flushes_in_progress_; }
  bool await_flush(Instant deadline);
  /// No more appends.
  void close();
  bool is_closed() const { return closed_; }
  /// Fails everything that has not ended; returns how many records.
  int64_t abort_incomplete(const Error& error);
  /// Fails what was not sent yet.
  void abort_undrained(const Error& error);

  BufferPool& buffer_pool() { return free_; }
  RecordAccumulatorDescription describe() const;

 private:
  void set_layout(TopicQueues& topic, int32_t partition_count) KS_REQUIRES(topics_mutex_);
  bool try_append(PartitionQueue& queue, const ProducerRecord& record, TimestampMs timestamp,
                  ProducerCallback& callback, AppendResult& result) KS_REQUIRES(queue.mutex);
  PartitionQueue& queue_of(const TopicPartition& tp);
  bool is_ready(const ProducerBatch& first, bool several, bool exhausted, Instant now,
                Duration& next_check) const;
  void update_loads(const Cluster& cluster);
  void insert_in_order(PartitionQueue& queue, std::shared_ptr<ProducerBatch> batch);
  bool flush_in_progress() const {
    return flushes_in_progress_.load(std::memory_order_acquire) > 0;
  }
  std::vector<PartitionQueue*> all_queues() const;
  void add_incomplete(const std::shared_ptr<ProducerBatch>& batch);
  void remove_incomplete(const ProducerBatch& batch);
  std::vector<std::shared_ptr<ProducerBatch>> incomplete() const;

  Node& node_;
  const ProducerConfig& config_;
  TransactionManager& transactions_;
  BufferPool free_;
  const ExponentialBackoff retry_backoff_;
  RandomStream random_;

  mutable Mutex topics_mutex_;
  std::map<std::string, std::unique_ptr<TopicQueues>, std::less<>> topics_
      KS_GUARDED_BY(topics_mutex_);
  std::atomic<TopicQueues*> last_topic_{
      nullptr};  // most producers write to one topic: no map, no lock

  mutable Mutex incomplete_mutex_;
  std::map<BatchOrder, std::shared_ptr<ProducerBatch>> incomplete_ KS_GUARDED_BY(incomplete_mutex_);

  std::atomic<int64_t> next_batch_number_{0};
  std::atomic<int32_t> flushes_in_progress_{0};
  std::atomic<bool> closed_{false};
  std::map<BrokerId, size_t> drain_index_;
  int64_t aborted_records_ = 0;
};

}  // namespace kafkascope

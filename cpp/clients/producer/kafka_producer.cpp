#include "clients/producer/kafka_producer.h"

#include <fmt/core.h>

#include <atomic>

#include "clients/producer/partitioner.h"
#include "clients/producer/producer_interceptor.h"
#include "clients/producer/producer_metadata.h"
#include "clients/producer/record_accumulator.h"
#include "clients/producer/round_robin_partitioner.h"
#include "clients/producer/sender.h"
#include "clients/producer/transaction_manager.h"
#include "common/logging.h"

namespace kafkascope {

struct KafkaProducer::Parts {
  Parts(Node& node, ProducerConfig config);

  FutureRecordMetadata do_send(const ProducerRecord& record, ProducerCallback& callback);
  const TopicQueues::Layout& await_layout(TopicQueues& topic,
                                          std::optional<PartitionIndex> partition,
                                          Duration& max_block);
  PartitionIndex choose_partition(const ProducerRecord& record, const TopicQueues::Layout& layout);
  FutureRecordMetadata send_sticky(TopicQueues& topic, const TopicQueues::Layout& layout,
                                   const ProducerRecord& record, TimestampMs timestamp,
                                   ProducerCallback& callback, Duration max_block);
  FutureRecordMetadata append(PartitionQueue& queue, const ProducerRecord& record,
                              TimestampMs timestamp, ProducerCallback& callback, Duration max_block,
                              bool notify_partitioner);
  void check_size(const ProducerRecord& record) const;
  ProducerCallback intercept(ProducerRecord& record, ProducerCallback callback);
  void acknowledge(const RecordMetadata& metadata, const Error* error);

  Node& node;
  ProducerConfig config;
  MetricsRegistry metrics;
  TransactionManager transactions;
  ProducerMetadata metadata;
  RecordAccumulator accumulator;
  Sender sender;
  std::atomic<bool> closed{false};
};

KafkaProducer::Parts::Parts(Node& the_node, ProducerConfig the_config)
    : node(the_node),
      config(std::move(the_config)),
      metrics(node),
      transactions(node, config.enable_idempotence),
      metadata(node, config.retry_backoff, config.retry_backoff_max, config.metadata_max_age,
               config.metadata_max_idle),
      accumulator(node, config, transactions),
      sender(node, config, config.client_id, metadata, accumulator, transactions, metrics) {
  if (config.partitioner == nullptr && config.partitioner_class == "RoundRobinPartitioner") {
    config.partitioner = std::make_shared<RoundRobinPartitioner>(node);
  }
  metadata.bootstrap(config.bootstrap_servers);
  metrics.gauge(producer_metric(config.client_id, "buffer-available-bytes"), [this] {
    return static_cast<double>(accumulator.buffer_pool().available_memory());
  });
  metrics.gauge(producer_metric(config.client_id, "requests-in-flight"), [this] {
    return static_cast<double>(sender.client().describe_in_flight().size());
  });
  metadata.set_listener(
      [this](const Cluster& cluster) { accumulator.update_partition_counts(cluster); });
}

KafkaProducer::KafkaProducer(Node& node, ProducerConfig config) {
  if (config.client_id.empty()) config.client_id = "producer-1";
  parts_ = std::make_unique<Parts>(node, std::move(config));
  parts_->sender.start();
}

KafkaProducer::~KafkaProducer() = default;

void KafkaProducer::bootstrap(Duration timeout) {
  const Instant deadline = deadline_after(parts_->node.clock().monotonic(), timeout);
  parts_->sender.wakeup();
  if (connections().await_cluster(deadline)) return;
  throw KafkaException(ErrorCode::kBrokerNotAvailable, connections().explain_or_waiting());
}

FutureRecordMetadata KafkaProducer::send(ProducerRecord record, ProducerCallback callback) {
  if (parts_->config.interceptors.empty()) [[likely]]
    return parts_->do_send(record, callback);
  callback = parts_->intercept(record, std::move(callback));
  try {
    return parts_->do_send(record, callback);
  } catch (const KafkaException& refused) {
    const Error error{refused.code(), refused.what()};
    parts_->acknowledge({{std::string(record.topic), record.partition.value_or(-1)}}, &error);
    throw;
  }
}

FutureRecordMetadata KafkaProducer::Parts::do_send(const ProducerRecord& record,
                                                   ProducerCallback& callback) {
  if (closed.load(std::memory_order_acquire)) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         "the producer is closed: it sends nothing any more");
  }
  check_size(record);
  Duration max_block = config.max_block;
  TopicQueues& topic = accumulator.topic(record.topic);
  const TopicQueues::Layout* layout = topic.layout.load(std::memory_order_acquire);
  const PartitionIndex wanted = record.partition.value_or(0);
  if (layout == nullptr || wanted < 0 || static_cast<size_t>(wanted) >= layout->partitions.size())
      [[unlikely]] {
    layout = &await_layout(topic, record.partition, max_block);
  }
  const TimestampMs timestamp =
      record.timestamp.has_value() ? *record.timestamp : node.clock().wall_ms();
  const PartitionIndex partition = choose_partition(record, *layout);
  if (partition == BuiltInPartitioner::kNoPartition) {
    return send_sticky(topic, *layout, record, timestamp, callback, max_block);
  }
  const bool chosen_by_user_class = config.partitioner != nullptr && !record.partition.has_value();
  return append(*layout->partitions[partition], record, timestamp, callback, max_block,
                chosen_by_user_class);
}

PartitionIndex KafkaProducer::Parts::choose_partition(const ProducerRecord& record,
                                                      const TopicQueues::Layout& layout) {
  if (record.partition.has_value()) return *record.partition;
  const auto count = static_cast<int32_t>(layout.partitions.size());
  if (config.partitioner != nullptr) {
    const PartitionIndex chosen =
        config.partitioner->partition(record.topic, record.key, record.value, *metadata.fetch());
    if (chosen >= 0 && chosen < count) return chosen;
    throw KafkaException(ErrorCode::kInvalidPartitions,
                         fmt::format("the partitioner chose partition {} of topic {}, which has {}",
                                     chosen, record.topic, count));
  }
  if (record.key.has_value() && !config.partitioner_ignore_keys)
    return partition_for_key(*record.key, count);
  return BuiltInPartitioner::kNoPartition;
}

FutureRecordMetadata KafkaProducer::Parts::send_sticky(
    TopicQueues& topic, const TopicQueues::Layout& layout, const ProducerRecord& record,
    TimestampMs timestamp, ProducerCallback& callback, Duration max_block) {
  BuiltInPartitioner& sticky = topic.built_in_partitioner;
  const auto count = static_cast<int32_t>(layout.partitions.size());
  PartitionIndex partition = sticky.current();
  if (partition == BuiltInPartitioner::kNoPartition || partition >= count) {
    partition = sticky.switch_to_next(metadata.fetch()->available_partitions(topic.name), count);
  }
  const RecordAccumulator::AppendResult result =
      accumulator.append(*layout.partitions[partition], record, timestamp, callback, max_block);
  if (sticky.count(result.appended_bytes, result.batch_is_full || result.new_batch)) {
    sticky.switch_to_next(metadata.fetch()->available_partitions(topic.name), count);
  }
  if (result.batch_is_full || result.new_batch) sender.wakeup();
  return result.future;
}

FutureRecordMetadata KafkaProducer::Parts::append(PartitionQueue& queue,
                                                  const ProducerRecord& record,
                                                  TimestampMs timestamp, ProducerCallback& callback,
                                                  Duration max_block, bool notify_partitioner) {
  RecordAccumulator::AppendResult result =
      accumulator.append(queue, record, timestamp, callback, max_block);
  if (result.new_batch && notify_partitioner) {
    config.partitioner->on_new_batch(record.topic, *metadata.fetch(),
                                     queue.topic_partition.partition);
  }
  if (result.batch_is_full || result.new_batch) sender.wakeup();
  return std::move(result.future);
}

void KafkaProducer::Parts::check_size(const ProducerRecord& record) const {
  const int32_t size = ProducerBatch::upper_bound_size(record);
  if (size > config.max_request_size) {
    throw KafkaException(ErrorCode::kMessageTooLarge,
                         fmt::format("the record takes {} bytes, more than max.request.size = {}",
                                     size, config.max_request_size));
  }
  if (size > config.buffer_memory) {
    throw KafkaException(ErrorCode::kMessageTooLarge,
                         fmt::format("the record takes {} bytes, more than buffer.memory = {}",
                                     size, config.buffer_memory));
  }
}

// The slow path of a first send: asks for the topic and waits. Shortens max_block by what was
// waited.
const TopicQueues::Layout& KafkaProducer::Parts::await_layout(
    TopicQueues& topic, std::optional<PartitionIndex> partition, Duration& max_block) {
  if (partition.has_value() && *partition < 0) {
    throw KafkaException(ErrorCode::kInvalidPartitions,
                         fmt::format("partition {} is negative", *partition));
  }
  const Instant start = node.clock().monotonic();
  const Instant deadline = deadline_after(start, max_block);
  metadata.add(topic.name, start);
  for (;;) {
    const int64_t version = metadata.update_version();
    const std::shared_ptr<const Cluster> cluster = metadata.fetch();
    if (const auto found = cluster->topics.find(topic.name); found != cluster->topics.end()) {
      const TopicInfo& info = found->second;
      if (info.error != ErrorCode::kNone && !is_retriable(info.error)) {
        throw KafkaException(info.error,
                             fmt::format("topic {}: {}", topic.name, error_name(info.error)));
      }
      if (info.error == ErrorCode::kNone && !info.partitions.empty()) {
        accumulator.set_partition_count(topic, static_cast<int32_t>(info.partitions.size()));
      }
    }
    const TopicQueues::Layout* layout = topic.layout.load(std::memory_order_acquire);
    if (layout != nullptr &&
        static_cast<size_t>(partition.value_or(0)) < layout->partitions.size()) {
      max_block = std::max(Duration::zero(), deadline - node.clock().monotonic());
      return *layout;
    }
    if (metadata.is_new(topic.name))
      (void)metadata.request_update_for_new_topics();
    else
      (void)metadata.request_update();
    sender.wakeup();
    if (metadata.await_update(version, deadline)) continue;
    const std::string why = sender.client().report().explain();
    const std::string what =
        layout == nullptr
            ? fmt::format("topic {} is not in the metadata", topic.name)
            : fmt::format("partition {} of topic {}, which has {}, is not in the metadata",
                          *partition, topic.name, layout->partitions.size());
    throw KafkaException(ErrorCode::kRequestTimedOut,
                         fmt::format("{} after max.block.ms = {}{}{}", what,
                                     config.max_block.count(), why.empty() ? "" : ": ", why));
  }
}

ProducerCallback KafkaProducer::Parts::intercept(ProducerRecord& record,
                                                 ProducerCallback callback) {
  for (const auto& interceptor : config.interceptors) {
    try {
      interceptor->on_send(record);
    } catch (const std::exception& failure) {
      KS_LOG(kWarn, node.name(), "interceptor failed in on_send: {}", failure.what());
    }
  }
  return
      [this, callback = std::move(callback)](const RecordMetadata& metadata, const Error* error) {
        acknowledge(metadata, error);
        if (callback) callback(metadata, error);
      };
}

void KafkaProducer::Parts::acknowledge(const RecordMetadata& acknowledged, const Error* error) {
  for (const auto& interceptor : config.interceptors) {
    try {
      interceptor->on_acknowledgement(acknowledged, error);
    } catch (const std::exception& failure) {
      KS_LOG(kWarn, node.name(), "interceptor failed in on_acknowledgement: {}", failure.what());
    }
  }
}

bool KafkaProducer::flush(Instant deadline) {
  parts_->accumulator.begin_flush();
  parts_->sender.wakeup();
  return parts_->accumulator.await_flush(deadline);
}

std::vector<PartitionInfo> KafkaProducer::partitions_for(std::string_view topic) {
  Duration max_block = parts_->config.max_block;
  (void)parts_->await_layout(parts_->accumulator.topic(topic), std::nullopt, max_block);
  return parts_->metadata.fetch()->partitions_for(topic);
}

int64_t KafkaProducer::close(Duration timeout) {
  if (parts_->closed.exchange(true)) return 0;
  parts_->accumulator.close();
  parts_->metadata.close();
  parts_->sender.initiate_shutdown();
  const Instant deadline = deadline_after(parts_->node.clock().monotonic(), timeout);
  if (!parts_->sender.stopped().wait_until(deadline)) parts_->sender.force_close();
  parts_->sender.await_shutdown();
  if (parts_->config.partitioner != nullptr) parts_->config.partitioner->close();
  for (const auto& interceptor : parts_->config.interceptors) interceptor->close();
  return parts_->sender.stopped().get();
}

bool KafkaProducer::is_closed() const { return parts_->closed; }
const ConnectionReport& KafkaProducer::connections() const {
  return parts_->sender.client().report();
}
MetricsRegistry& KafkaProducer::metrics() { return parts_->metrics; }
std::shared_ptr<const Cluster> KafkaProducer::cluster() const { return parts_->metadata.fetch(); }
const ProducerConfig& KafkaProducer::config() const { return parts_->config; }
const std::string& KafkaProducer::client_id() const { return parts_->config.client_id; }

ProducerDescription KafkaProducer::describe() const {
  return {parts_->accumulator.describe(), parts_->accumulator.buffer_pool().describe(),
          parts_->transactions.describe(), parts_->sender.client().describe_in_flight()};
}

}  // namespace kafkascope

#include "clients/producer/record_accumulator.h"

#include <algorithm>

#include "common/errors.h"

namespace kafkascope {

RecordAccumulator::RecordAccumulator(Node& node, const ProducerConfig& config,
                                     TransactionManager& transactions)
    : node_(node),
      config_(config),
      transactions_(transactions),
      free_(node, config.buffer_memory, config.batch_size, config.while_waiting),
      retry_backoff_(config.retry_backoff, config.retry_backoff_max),
      random_(node.random().stream("retry backoff")),
      topics_mutex_(node, "accumulator topics"),
      incomplete_mutex_(node, "incomplete batches") {}

TopicQueues& RecordAccumulator::topic(std::string_view name) {
  TopicQueues* last = last_topic_.load(std::memory_order_acquire);
  if (last != nullptr && last->name == name) [[likely]]
    return *last;
  Lock lock(topics_mutex_);
  auto found = topics_.find(name);
  if (found == topics_.end()) {
    std::string key(name);
    auto queues = std::make_unique<TopicQueues>(node_, key, config_.batch_size);
    found = topics_.emplace(std::move(key), std::move(queues)).first;
  }
  last_topic_.store(found->second.get(), std::memory_order_release);
  return *found->second;
}

void RecordAccumulator::set_partition_count(TopicQueues& topic, int32_t partition_count) {
  Lock lock(topics_mutex_);
  set_layout(topic, partition_count);
}

void RecordAccumulator::update_partition_counts(const Cluster& cluster) {
  Lock lock(topics_mutex_);
  for (const auto& [name, topic] : topics_) {
    const TopicInfo* info = cluster.topic(name);
    if (info != nullptr && !info->partitions.empty())
      set_layout(*topic, static_cast<int32_t>(info->partitions.size()));
  }
}

void RecordAccumulator::set_layout(TopicQueues& topic, int32_t partition_count) {
  const TopicQueues::Layout* known = topic.layout.load(std::memory_order_acquire);
  if (known != nullptr && known->partitions.size() == static_cast<size_t>(partition_count)) return;
  while (topic.queues.size() < static_cast<size_t>(partition_count)) {
    const auto index = static_cast<PartitionIndex>(topic.queues.size());
    topic.queues.push_back(
        std::make_unique<PartitionQueue>(node_, TopicPartition{topic.name, index}));
  }
  auto layout = std::make_unique<TopicQueues::Layout>();
  for (int32_t i = 0; i < partition_count; ++i) layout->partitions.push_back(topic.queues[i].get());
  topic.layout.store(layout.get(), std::memory_order_release);
  topic.all_layouts.push_back(std::move(layout));
}

bool RecordAccumulator::try_append(PartitionQueue& queue, const ProducerRecord& record,
                                   TimestampMs timestamp, ProducerCallback& callback,
                                   AppendResult& result) {
  if (closed_.load(std::memory_order_acquire)) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         "the producer was closed while this record was sent");
  }
  if (queue.batches.empty()) return false;
  ProducerBatch& last = *queue.batches.back();
  const int32_t before = last.size_bytes();
  if (!last.try_append(record, timestamp, std::move(callback), &result.future)) return false;
  result.appended_bytes = last.size_bytes() - before;
  result.batch_is_full = queue.batches.size() > 1 || last.is_full();
  return true;
}

RecordAccumulator::AppendResult RecordAccumulator::append(PartitionQueue& queue,
                                                          const ProducerRecord& record,
                                                          TimestampMs timestamp,
                                                          ProducerCallback& callback,
                                                          Duration max_block) {
  AppendResult result;
  {
    Lock lock(queue.mutex);
    if (try_append(queue, record, timestamp, callback, result)) [[likely]]
      return result;
  }
  const int32_t size = std::max(config_.batch_size, ProducerBatch::upper_bound_size(record));
  ByteBuffer buffer = free_.allocate(size, deadline_after(node_.clock().monotonic(), max_block));
  const Instant now = node_.clock().monotonic();
  bool spare = false;
  {
    Lock lock(queue.mutex);
    if (try_append(queue, record, timestamp, callback, result)) {
      spare = true;  // another thread opened a batch meanwhile
    } else {
      auto batch = std::make_shared<ProducerBatch>(
          node_, queue.topic_partition, ProducerBatch::make_builder(config_, std::move(buffer)),
          size, now, BatchOrder{next_batch_number_.fetch_add(1), 0});
      KS_CHECK(batch->try_append(record, timestamp, std::move(callback), &result.future),
               "no room in a new batch");
      result.appended_bytes = batch->size_bytes();
      result.new_batch = true;
      add_incomplete(batch);
      queue.batches.push_back(std::move(batch));
      queue.batch_count.fetch_add(1, std::memory_order_release);
      result.batch_is_full = queue.batches.size() > 1 || queue.batches.back()->is_full();
    }
  }
  if (spare) free_.deallocate(std::move(buffer), size);
  return result;
}

std::vector<PartitionQueue*> RecordAccumulator::all_queues() const {
  Lock lock(topics_mutex_);
  std::vector<PartitionQueue*> queues;
  for (const auto& [name, topic] : topics_) {
    for (const auto& queue : topic->queues) queues.push_back(queue.get());
  }
  return queues;
}

PartitionQueue& RecordAccumulator::queue_of(const TopicPartition& tp) {
  Lock lock(topics_mutex_);
  const auto found = topics_.find(tp.topic);
  KS_CHECK(
      found != topics_.end() && static_cast<size_t>(tp.partition) < found->second->queues.size(),
      tp.to_string());
  return *found->second->queues[tp.partition];
}

bool RecordAccumulator::is_ready(const ProducerBatch& first, bool several, bool exhausted,
                                 Instant now, Duration& next_check) const {
  if (now < first.retry_at()) {
    next_check = std::min(next_check, first.retry_at() - now);
    return false;
  }
  const Instant linger_ends = first.created() + config_.linger;
  if (several || first.is_full() || exhausted || closed_ || flush_in_progress() ||
      first.attempts() > 0 || now >= linger_ends) {
    return true;
  }
  next_check = std::min(next_check, linger_ends - now);
  return false;
}

RecordAccumulator::ReadyCheck RecordAccumulator::ready(const Cluster& cluster, Instant now) {
  ReadyCheck check;
  std::map<BrokerId, std::vector<PartitionQueue*>> queues;
  std::set<BrokerId> ready_nodes;
  const bool exhausted = free_.waiting_threads() > 0;
  for (PartitionQueue* queue : all_queues()) {
    if (queue->batch_count.load(std::memory_order_acquire) == 0 || queue->muted) continue;
    const BrokerNode* leader = cluster.leader_of(queue->topic_partition);
    if (leader == nullptr) {
      check.unknown_leader_topics.insert(queue->topic_partition.topic);
      continue;
    }
    Lock lock(queue->mutex);
    if (queue->batches.empty()) continue;
    queues[leader->id].push_back(queue);
    const bool several = queue->batches.size() > 1;
    if (is_ready(*queue->batches.front(), several, exhausted, now, check.next_check))
      ready_nodes.insert(leader->id);
  }
  for (const BrokerId node : ready_nodes)
    check.queues_by_node.emplace(node, std::move(queues[node]));
  if (config_.partitioner_adaptive) update_loads(cluster);
  return check;
}

// Keyless records then prefer partitions whose leaders keep up (KIP-794).
void RecordAccumulator::update_loads(const Cluster& cluster) {
  Lock lock(topics_mutex_);
  for (const auto& [name, topic] : topics_) {
    if (topic->built_in_partitioner.current() == BuiltInPartitioner::kNoPartition ||
        topic->queues.size() < 2)
      continue;
    BuiltInPartitioner::QueueSizes sizes;
    for (const auto& queue : topic->queues) {
      if (cluster.leader_of(queue->topic_partition) == nullptr) continue;
      sizes.partitions.push_back(queue->topic_partition.partition);
      sizes.batches.push_back(queue->batch_count.load(std::memory_order_relaxed));
    }
    topic->built_in_partitioner.update_load(sizes);
  }
}

std::vector<std::shared_ptr<ProducerBatch>> RecordAccumulator::drain(
    BrokerId node, const std::vector<PartitionQueue*>& queues, const Cluster& cluster,
    int32_t max_size, Instant now) {
  std::vector<std::shared_ptr<ProducerBatch>> drained;
  int64_t size = 0;
  size_t& start = drain_index_[node];  // whoever was left out last time comes first
  for (size_t turn = 0; turn < queues.size(); ++turn) {
    PartitionQueue& queue = *queues[(start + turn) % queues.size()];
    const BrokerNode* leader = cluster.leader_of(queue.topic_partition);
    if (queue.muted || leader == nullptr || leader->id != node) continue;
    Lock lock(queue.mutex);
    if (queue.batches.empty()) continue;
    const std::shared_ptr<ProducerBatch> first = queue.batches.front();
    if (now < first->retry_at() || !transactions_.may_drain(*first)) continue;
    if (!drained.empty() && size + first->size_bytes() > max_size) {
      start = (start + turn) % queues.size();
      return drained;
    }
    queue.batches.pop_front();
    queue.batch_count.fetch_sub(1, std::memory_order_release);
    first->close_for_appends();
    lock.unlock();
    transactions_.assign_sequence(first);
    first->drained(now);
    size += first->size_bytes();
    KS_TRACE(node_, "BatchDrained", {"partition", first->topic_partition().to_string()},
             {"records", int64_t{first->record_count()}},
             {"base_sequence", int64_t{first->base_sequence()}}, {"node", int64_t{node}});
    drained.push_back(first);
  }
  ++start;
  return drained;
}

void RecordAccumulator::reenqueue(const std::shared_ptr<ProducerBatch>& batch, Instant now) {
  batch->reenqueued(now, now + retry_backoff_.backoff(batch->attempts(), random_));
  insert_in_order(queue_of(batch->topic_partition()), batch);
}

// A partition's queue is always in the order in which the records were sent.
void RecordAccumulator::insert_in_order(PartitionQueue& queue,
                                        std::shared_ptr<ProducerBatch> batch) {
  Lock lock(queue.mutex);
  auto at = queue.batches.begin();
  while (at != queue.batches.end() && (*at)->order() < batch->order()) ++at;
  queue.batches.insert(at, std::move(batch));
  queue.batch_count.fetch_add(1, std::memory_order_release);
}

size_t RecordAccumulator::split_and_reenqueue(const std::shared_ptr<ProducerBatch>& batch,
                                              Instant now) {
  const std::vector<std::shared_ptr<ProducerBatch>> parts = batch->split(config_);
  transactions_.replace_batch(*batch, parts);
  remove_incomplete(*batch);
  PartitionQueue& queue = queue_of(batch->topic_partition());
  for (const std::shared_ptr<ProducerBatch>& part : parts) {
    part->reenqueued(now, now);
    add_incomplete(part);
    insert_in_order(queue, part);
  }
  return parts.size();
}

std::vector<std::shared_ptr<ProducerBatch>> RecordAccumulator::take_expired(Instant now) {
  std::vector<std::shared_ptr<ProducerBatch>> expired;
  for (PartitionQueue* queue : all_queues()) {
    if (queue->batch_count.load(std::memory_order_acquire) == 0) continue;
    Lock lock(queue->mutex);
    while (!queue->batches.empty() &&
           queue->batches.front()->reached_delivery_timeout(config_.delivery_timeout, now)) {
      queue->batches.front()->close_for_appends();
      expired.push_back(std::move(queue->batches.front()));
      queue->batches.pop_front();
      queue->batch_count.fetch_sub(1, std::memory_order_release);
    }
  }
  return expired;
}

void RecordAccumulator::deallocate(const std::shared_ptr<ProducerBatch>& batch) {
  remove_incomplete(*batch);
  if (batch->allocated() > 0) free_.deallocate(batch->release_buffer(), batch->allocated());
}

void RecordAccumulator::add_incomplete(const std::shared_ptr<ProducerBatch>& batch) {
  Lock lock(incomplete_mutex_);
  incomplete_.emplace(batch->order(), batch);
}

void RecordAccumulator::remove_incomplete(const ProducerBatch& batch) {
  Lock lock(incomplete_mutex_);
  const auto found = incomplete_.find(batch.order());
  // The first part of a split batch has its order: each takes out only itself.
  if (found != incomplete_.end() && found->second.get() == &batch) incomplete_.erase(found);
}

std::vector<std::shared_ptr<ProducerBatch>> RecordAccumulator::incomplete() const {
  Lock lock(incomplete_mutex_);
  std::vector<std::shared_ptr<ProducerBatch>> batches;
  for (const auto& [order, batch] : incomplete_) batches.push_back(batch);
  return batches;
}

bool RecordAccumulator::has_undrained() const {
  for (const PartitionQueue* queue : all_queues()) {
    if (queue->batch_count.load(std::memory_order_acquire) > 0) return true;
  }
  return false;
}

bool RecordAccumulator::has_incomplete() const {
  Lock lock(incomplete_mutex_);
  return !incomplete_.empty();
}

bool RecordAccumulator::await_flush(Instant deadline) {
  bool in_time = true;
  // Results, not batches: those of a split batch end with its parts.
  for (const std::shared_ptr<ProducerBatch>& batch : incomplete()) {
    in_time = batch->result()->wait_until(deadline);
    if (!in_time) break;
  }
  flushes_in_progress_.fetch_sub(1, std::memory_order_acq_rel);
  return in_time;
}

void RecordAccumulator::close() {
  closed_.store(true, std::memory_order_release);
  free_.close();
}

int64_t RecordAccumulator::abort_incomplete(const Error& error) {
  close();
  abort_undrained(error);  // takes every queue's lock: no append is under way after it
  int64_t records = 0;
  for (const std::shared_ptr<ProducerBatch>& batch : incomplete()) {
    records += batch->fail(error) ? batch->record_count() : 0;
    deallocate(batch);
  }
  return records + std::exchange(aborted_records_, 0);
}

void RecordAccumulator::abort_undrained(const Error& error) {
  for (PartitionQueue* queue : all_queues()) {
    std::deque<std::shared_ptr<ProducerBatch>> batches;
    {
      Lock lock(queue->mutex);
      batches.swap(queue->batches);
      queue->batch_count.store(0, std::memory_order_release);
      for (const std::shared_ptr<ProducerBatch>& batch : batches) batch->close_for_appends();
    }
    for (const std::shared_ptr<ProducerBatch>& batch : batches) {
      if (batch->fail(error)) aborted_records_ += batch->record_count();
      deallocate(batch);
    }
  }
}

RecordAccumulatorDescription RecordAccumulator::describe() const {
  RecordAccumulatorDescription description;
  description.closed = closed_;
  const Instant now = node_.clock().monotonic();
  for (PartitionQueue* queue : all_queues()) {
    PartitionQueueDescription partition{queue->topic_partition, queue->muted};
    Lock lock(queue->mutex);
    for (const std::shared_ptr<ProducerBatch>& batch : queue->batches)
      partition.batches.push_back(batch->describe(now));
    description.partitions.push_back(std::move(partition));
  }
  Lock lock(incomplete_mutex_);
  description.incomplete_batches = static_cast<int32_t>(incomplete_.size());
  return description;
}

}  // namespace kafkascope

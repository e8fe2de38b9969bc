// What an inspection of a producer shows: plain values, copied under the locks.
#pragma once

#include "clients/in_flight_description.h"
#include "common/types.h"

namespace kafkascope {

struct ProducerBatchDescription {
  int32_t record_count = 0;
  int32_t size_bytes = 0;  // of records appended, before compression is finished
  int32_t attempts = 0;
  Duration age{};
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  int32_t base_sequence = kNoSequence;
  std::string state;  // "open", "closed", "in flight"
};

struct PartitionQueueDescription {
  TopicPartition topic_partition;
  bool muted = false;
  std::vector<ProducerBatchDescription>
      batches;  // oldest first, in flight ones before those that wait
};

struct RecordAccumulatorDescription {
  std::vector<PartitionQueueDescription> partitions;  // by topic, then index
  int32_t incomplete_batches = 0;
  bool closed = false;
};

struct BufferPoolDescription {
  int64_t total_memory = 0;
  int64_t available_memory = 0;
  int32_t free_buffers = 0;
  int32_t poolable_size = 0;
  int32_t waiting_threads = 0;
};

struct TransactionManagerDescription {
  bool idempotent = false;
  std::string state;  // "UNINITIALIZED", "READY", "FATAL_ERROR" ...
  ProducerId producer_id = kNoProducerId;
  ProducerEpoch producer_epoch = kNoProducerEpoch;
  std::vector<std::pair<TopicPartition, int32_t>> next_sequences;
};

struct ProducerDescription {
  RecordAccumulatorDescription accumulator;
  BufferPoolDescription buffer_pool;
  TransactionManagerDescription transaction_manager;
  std::vector<InFlightRequestDescription> in_flight_requests;
};

}  // namespace kafkascope

// ProducerBatch: records of one partition on their way to its leader, with what to tell whoever
// sent them.
#pragma once

#include <memory>
#include <vector>

#include "clients/producer/future_record_metadata.h"
#include "clients/producer/producer_descriptions.h"
#include "common/external_bytes.h"
#include "record/memory_records_builder.h"

namespace kafkascope {

struct ProducerConfig;

/// Batches in the order in which their records were sent: the batch's number and, for a part of a
/// split batch, the place of its first record in the whole.
using BatchOrder = std::pair<int64_t, int32_t>;

/// Kafka's ProducerBatch. While open it belongs to its partition's lock; once drained, to the
/// network thread.
class ProducerBatch {
 public:
  /// `allocated`: what the BufferPool counts for it.
  ProducerBatch(Node& node, TopicPartition topic_partition, MemoryRecordsBuilder builder,
                int32_t allocated, Instant created, BatchOrder order);

  /// An open builder in this memory.
  static MemoryRecordsBuilder make_builder(const ProducerConfig& config, ByteBuffer buffer);
  /// The most that a batch of this one record can take.
  static int32_t upper_bound_size(const ProducerRecord& record);

  /// False: no room (a first record always fits) or closed for appends.
  bool try_append(const ProducerRecord& record, TimestampMs timestamp, ProducerCallback&& callback,
                  FutureRecordMetadata* future);
  void close_for_appends() { open_ = false; }
  bool is_open() const { return open_; }
  bool is_full() const;
  int32_t record_count() const { return record_count_; }
  /// Bytes appended; once finished, bytes to send.
  int32_t size_bytes() const;

  /// Writes the header; the batch's bytes from then on. A later change of its sequence writes a
  /// fresh header.
  Payload finish();

  // Outcome: the first one wins, true for it. Runs the callbacks on the calling thread.
  bool complete(Offset base_offset, TimestampMs log_append_time);
  bool fail(const Error& error);
  /// Some records were refused with words of their own, the others with them (KIP-467).
  bool fail(ProduceRequestResult::RecordErrors errors);
  bool is_done() const { return done_; }
  const std::shared_ptr<ProduceRequestResult>& result() const { return result_; }

  /// Several batches, each at most half of this one and of batch.size (or one record), that take
  /// over futures and callbacks.
  std::vector<std::shared_ptr<ProducerBatch>> split(const ProducerConfig& config);

  // Sequence numbers.
  bool has_sequence() const { return base_sequence_ != kNoSequence; }
  int32_t base_sequence() const { return base_sequence_; }
  int32_t last_sequence() const;
  ProducerId producer_id() const { return producer_id_; }
  ProducerEpoch producer_epoch() const { return producer_epoch_; }
  void set_producer_state(ProducerId id, ProducerEpoch epoch, int32_t base_sequence);
  /// As set_producer_state, for a batch that was sent before under another number.
  void reset_producer_state(ProducerId id, ProducerEpoch epoch, int32_t base_sequence);
  /// Numbered anew since it was last sent.
  bool sequence_was_reset() const { return sequence_was_reset_; }

  // Attempts.
  BatchOrder order() const { return order_; }
  const TopicPartition& topic_partition() const { return topic_partition_; }
  int32_t attempts() const { return attempts_; }
  Instant created() const { return created_; }
  Instant last_attempt() const { return last_attempt_; }
  void drained(Instant now) { drained_ = now; }
  Instant drained() const { return drained_; }
  void reenqueued(Instant now, Instant retry_at) {
    ++attempts_, last_attempt_ = now, retry_at_ = retry_at;
  }
  /// Not before this instant; in the past for a batch that was never sent.
  Instant retry_at() const { return retry_at_; }
  bool reached_delivery_timeout(Duration timeout, Instant now) const {
    return now - created_ >= timeout;
  }

  int32_t allocated() const { return allocated_; }
  /// The memory for the pool, once nobody else reads it; empty while somebody does.
  ByteBuffer release_buffer();
  ProducerBatchDescription describe(Instant now) const;

 private:
  struct Thunk {
    int32_t index;
    TimestampMs timestamp;
    int32_t key_size;
    int32_t value_size;
    ProducerCallback callback;
  };
  bool finish_with(Offset base_offset, TimestampMs log_append_time,
                   ProduceRequestResult::RecordErrors errors);
  void run_callback(const ProducerCallback& callback, const RecordMetadata& metadata,
                    const Error* error);

  Node& node_;
  const TopicPartition topic_partition_;
  const Instant created_;
  const BatchOrder order_;
  const int32_t allocated_;
  MemoryRecordsBuilder builder_;
  std::shared_ptr<ProduceRequestResult> result_;
  std::vector<Thunk> thunks_;          // only of records with a callback
  std::shared_ptr<ByteBuffer> bytes_;  // once finished
  int32_t record_count_ = 0;
  bool open_ = true;
  bool done_ = false;
  bool sequence_was_reset_ = false;
  int32_t attempts_ = 0;
  Instant last_attempt_;
  Instant drained_{};
  Instant retry_at_{};
  ProducerId producer_id_ = kNoProducerId;
  ProducerEpoch producer_epoch_ = kNoProducerEpoch;
  int32_t base_sequence_ = kNoSequence;
};

}  // namespace kafkascope

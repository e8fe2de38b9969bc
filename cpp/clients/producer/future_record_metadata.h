// FutureRecordMetadata: the light handle that send() returns; all records of a batch share one
// result.
#pragma once

#include <memory>
#include <vector>

#include "clients/producer/producer_record.h"
#include "runtime/threads.h"

namespace kafkascope {

/// The outcome of one batch, set once by the network thread (Kafka's ProduceRequestResult). Any
/// thread may wait.
class ProduceRequestResult {
 public:
  /// Empty means: all acknowledged.
  using RecordErrors = std::function<std::optional<Error>(int32_t index)>;

  ProduceRequestResult(Node& node, TopicPartition topic_partition);

  const TopicPartition& topic_partition() const { return topic_partition_; }
  /// First call wins. `log_append_time` is kNoTimestamp where records keep their own.
  void set(Offset base_offset, TimestampMs log_append_time, RecordErrors errors);
  /// The batch was too large and now is several: record `first_index + i` is record i of `part`.
  void split(std::vector<std::pair<int32_t, std::shared_ptr<ProduceRequestResult>>> parts);

  /// False: the deadline passed first.
  bool wait_until(Instant deadline) const;
  bool done() const;
  /// The outcome of one record; only once done.
  Result<RecordMetadata> outcome(int32_t index, TimestampMs create_time) const;

 private:
  using Parts = std::vector<std::pair<int32_t, std::shared_ptr<ProduceRequestResult>>>;
  Parts parts() const;

  const TopicPartition topic_partition_;
  mutable Mutex mutex_;
  mutable ConditionVariable finished_;
  bool done_ KS_GUARDED_BY(mutex_) = false;
  bool split_ KS_GUARDED_BY(mutex_) = false;
  Offset base_offset_ KS_GUARDED_BY(mutex_) = kNoOffset;
  TimestampMs log_append_time_ KS_GUARDED_BY(mutex_) = kNoTimestamp;
  RecordErrors errors_ KS_GUARDED_BY(mutex_);
  Parts parts_ KS_GUARDED_BY(mutex_);
};

/// A batch's result and the record's place in it. Copies share the result; costs no allocation per
/// record.
class FutureRecordMetadata {
 public:
  FutureRecordMetadata() = default;
  FutureRecordMetadata(std::shared_ptr<ProduceRequestResult> result, int32_t index,
                       TimestampMs create_time, int32_t key_size, int32_t value_size)
      : result_(std::move(result)),
        index_(index),
        key_size_(key_size),
        value_size_(value_size),
        create_time_(create_time) {}

  bool done() const { return result_->done(); }
  bool wait_until(Instant deadline) const { return result_->wait_until(deadline); }
  /// Waits without limit (a batch always ends within delivery.timeout.ms).
  Result<RecordMetadata> get() const;

 private:
  std::shared_ptr<ProduceRequestResult> result_;
  int32_t index_ = 0;
  int32_t key_size_ = -1;
  int32_t value_size_ = -1;
  TimestampMs create_time_ = kNoTimestamp;
};

}  // namespace kafkascope

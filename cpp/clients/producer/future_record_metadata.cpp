#include "clients/producer/future_record_metadata.h"

namespace kafkascope {

ProduceRequestResult::ProduceRequestResult(Node& node, TopicPartition topic_partition)
    : topic_partition_(std::move(topic_partition)),
      mutex_(node, "produce result"),
      finished_(node, "produce result") {}

void ProduceRequestResult::set(Offset base_offset, TimestampMs log_append_time,
                               RecordErrors errors) {
  Lock lock(mutex_);
  if (done_ || split_) return;
  base_offset_ = base_offset;
  log_append_time_ = log_append_time;
  errors_ = std::move(errors);
  done_ = true;
  finished_.notify_all();
}

void ProduceRequestResult::split(Parts parts) {
  Lock lock(mutex_);
  if (done_ || split_) return;
  parts_ = std::move(parts);
  split_ = true;
  finished_.notify_all();
}

ProduceRequestResult::Parts ProduceRequestResult::parts() const {
  Lock lock(mutex_);
  return parts_;
}

bool ProduceRequestResult::wait_until(Instant deadline) const {
  {
    Lock lock(mutex_);
    while (!done_ && !split_) {
      if (!finished_.wait_until(lock, deadline)) break;
    }
    if (!done_ && !split_) return false;
    if (done_) return true;
  }
  for (const auto& [first, part] : parts()) {
    if (!part->wait_until(deadline)) return false;
  }
  return true;
}

bool ProduceRequestResult::done() const {
  {
    Lock lock(mutex_);
    if (done_) return true;
    if (!split_) return false;
  }
  for (const auto& [first, part] : parts()) {
    if (!part->done()) return false;
  }
  return true;
}

Result<RecordMetadata> ProduceRequestResult::outcome(int32_t index, TimestampMs create_time) const {
  const Parts parts = this->parts();
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (index >= part->first) return part->second->outcome(index - part->first, create_time);
  }
  Lock lock(mutex_);
  KS_CHECK(done_, "outcome of a batch that has not ended");
  if (errors_) {
    if (std::optional<Error> error = errors_(index); error.has_value()) return *error;
  }
  RecordMetadata metadata{topic_partition_};
  metadata.offset = base_offset_ < 0 ? kNoOffset : base_offset_ + index;
  metadata.timestamp = log_append_time_ != kNoTimestamp ? log_append_time_ : create_time;
  return metadata;
}

Result<RecordMetadata> FutureRecordMetadata::get() const {
  (void)result_->wait_until(kForever);
  Result<RecordMetadata> outcome = result_->outcome(index_, create_time_);
  if (!outcome) return outcome;
  RecordMetadata metadata = *outcome;
  metadata.serialized_key_size = key_size_;
  metadata.serialized_value_size = value_size_;
  return metadata;
}

}  // namespace kafkascope

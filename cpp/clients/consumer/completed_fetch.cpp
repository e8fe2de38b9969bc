#include "clients/consumer/completed_fetch.h"

#include <fmt/core.h>

#include <algorithm>
#include "record/control_record.h"

namespace kafkascope {
namespace {

bool is_abort_marker(const RecordBatch& batch) {
  RecordIterator records(batch);
  RecordView record;
  return records.next(record) && control_record_type(record) == ControlRecordType::kAbort;
}

}  // namespace

CompletedFetch::CompletedFetch(TopicPartition topic_partition, Offset fetch_offset,
                               PartitionData data, const ConsumerConfig& config)
    : topic_partition_(std::move(topic_partition)),
      fetch_offset_(fetch_offset),
      data_(std::move(data)),
      check_crcs_(config.check_crcs),
      read_committed_(config.isolation_level == IsolationLevel::kReadCommitted),
      records_(data_.records.value_or(Payload()).to_slice()),
      next_offset_(fetch_offset),
      end_offset_(fetch_offset),
      next_batch_(ByteView()) {
  if (data_.aborted_transactions.has_value()) {
    aborted_.assign(data_.aborted_transactions->begin(), data_.aborted_transactions->end());
    std::stable_sort(aborted_.begin(), aborted_.end(),
                     [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
  }
  if (error() == ErrorCode::kNone) find_end();
}

void CompletedFetch::find_end() {
  try {
    for (const RecordBatch& batch : records_)
      end_offset_ = std::max(end_offset_, batch.next_offset());
    next_batch_ = records_.begin();
  } catch (const KafkaException& broken) {
    corruption_ = describe_corruption(broken.what());
    return;
  }
  if (records_.size() > 0 && records_.valid_bytes() == 0) {
    corruption_ = fmt::format(
        "the record batch at offset {} of {} does not fit into max.partition.fetch.bytes",
        fetch_offset_, topic_partition_.to_string());
  }
}

std::string CompletedFetch::describe_corruption(const std::string& why) const {
  return fmt::format("{} is corrupt at offset {}: {}; seek past it to go on",
                     topic_partition_.to_string(), next_offset_, why);
}

void CompletedFetch::take(int32_t max, PartitionRecords& into) {
  const size_t limit = into.records.size() + static_cast<size_t>(max);
  while (!corruption_.has_value() && !consumed_ && into.records.size() < limit) {
    try {
      if (!iterator_.has_value() && !enter_next_batch())
        consumed_ = true;
      else
        append_records(static_cast<int32_t>(limit - into.records.size()), into);
    } catch (const KafkaException& broken) {
      corruption_ = describe_corruption(broken.what());
    }
  }
  if (corruption_.has_value() && into.records.empty())
    throw KafkaException(ErrorCode::kCorruptMessage, *corruption_);
}

// False at the end.
bool CompletedFetch::enter_next_batch() {
  for (; next_batch_ != std::default_sentinel; ++next_batch_) {
    const RecordBatch batch = *next_batch_;
    if (batch.next_offset() <= next_offset_) continue;
    if (check_crcs_ && !batch.is_checksum_valid()) {
      throw KafkaException(ErrorCode::kCorruptMessage,
                           fmt::format("wrong checksum {:#010x}", batch.crc()));
    }
    if (batch.magic() >= 2) last_epoch_ = batch.partition_leader_epoch();
    if (!is_wanted(batch)) {
      next_offset_ = batch.next_offset();
      continue;
    }
    batch_ = batch;
    iterator_.emplace(batch);
    batch_memory_ = batch.compression() == CompressionType::kNone
                        ? records_.slice()
                        : SharedSlice::of(iterator_->take_buffer());
    ++next_batch_;
    return true;
  }
  return false;
}

bool CompletedFetch::is_wanted(const RecordBatch& batch) {
  if (read_committed_ && batch.magic() >= 2 && batch.has_producer_id()) {
    while (!aborted_.empty() && aborted_.front().first_offset <= batch.last_offset()) {
      aborted_producers_.insert(aborted_.front().producer_id);
      aborted_.pop_front();
    }
    if (belongs_to_aborted_transaction(batch)) return false;
  }
  return !batch.is_control();
}

bool CompletedFetch::belongs_to_aborted_transaction(const RecordBatch& batch) {
  if (batch.is_control()) {
    if (is_abort_marker(batch)) aborted_producers_.erase(batch.producer_id());
    return false;
  }
  return batch.is_transactional() && aborted_producers_.contains(batch.producer_id());
}

void CompletedFetch::append_records(int32_t max, PartitionRecords& into) {
  const bool log_append_time = batch_->timestamp_type() == TimestampType::kLogAppendTime;
  if (into.owners.empty() || into.owners.back().data() != batch_memory_.data())
    into.owners.push_back(batch_memory_);
  into.records.reserve(into.records.size() +
                       static_cast<size_t>(std::min(max, std::max(1, batch_->count()))));
  RecordView view;
  while (max > 0) {
    if (!iterator_->next(view)) {
      next_offset_ = std::max(next_offset_, batch_->next_offset());
      iterator_.reset();
      break;
    }
    if (view.offset < next_offset_) continue;  // the batch begins before the position
    ConsumerRecord& record = into.records.emplace_back();
    record.offset = view.offset;
    record.timestamp = view.timestamp;
    record.log_append_time = log_append_time;
    record.leader_epoch = last_epoch_;
    record.key = view.key;
    record.value = view.value;
    record.header_count = view.headers.size();
    record.headers = view.headers;
    next_offset_ = view.offset + 1;
    --max;
  }
}

CompletedFetchDescription CompletedFetch::describe() const {
  return {topic_partition_, next_offset_, end_offset_ - next_offset_ > 0 ? records_.size() : 0,
          next_offset_ != fetch_offset_};
}

}  // namespace kafkascope

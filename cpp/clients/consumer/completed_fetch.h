// CompletedFetch: what one fetch brought of one partition, handed out bit by bit.
#pragma once

#include <deque>
#include <optional>
#include <set>

#include "clients/consumer/consumer_config.h"
#include "clients/consumer/consumer_descriptions.h"
#include "clients/consumer/consumer_record.h"
#include "clients/consumer/subscription_state.h"
#include "protocol/messages/fetch_response.h"
#include "record/memory_records.h"

namespace kafkascope {

/// Kafka's CompletedFetch. For the polling thread. Records are views into the response (or a
/// decompressed batch).
class CompletedFetch {
 public:
  using PartitionData = protocol::FetchResponse::PartitionData;

  CompletedFetch(TopicPartition topic_partition, Offset fetch_offset, PartitionData data,
                 const ConsumerConfig& config);

  const TopicPartition& topic_partition() const { return topic_partition_; }
  Offset fetch_offset() const { return fetch_offset_; }
  /// Of the next record to hand out: the consumer's position must be here.
  Offset next_offset() const { return next_offset_; }
  /// Behind the last whole batch: where the next fetch goes on.
  Offset end_offset() const { return end_offset_; }
  /// Of the last batch that was entered.
  LeaderEpoch last_epoch() const { return last_epoch_; }
  ErrorCode error() const { return error_code_from_wire(data_.error_code); }
  const PartitionData& data() const { return data_; }
  bool is_consumed() const { return consumed_; }

  /// Appends up to `max` records to `into`; moves next_offset() on, also over what is no data
  /// (control batches, aborted transactions, offsets that compaction removed). Throws
  /// KafkaException(kCorruptMessage) naming the batch, but not before what precedes it was handed
  /// out.
  void take(int32_t max, PartitionRecords& into);
  CompletedFetchDescription describe() const;

 private:
  void find_end();
  bool enter_next_batch();
  bool is_wanted(const RecordBatch& batch);
  bool belongs_to_aborted_transaction(const RecordBatch& batch);
  void append_records(int32_t max, PartitionRecords& into);
  std::string describe_corruption(const std::string& why) const;

  const TopicPartition topic_partition_;
  const Offset fetch_offset_;
  const PartitionData data_;
  const bool check_crcs_;
  const bool read_committed_;
  const MemoryRecords records_;
  Offset next_offset_;
  Offset end_offset_;
  LeaderEpoch last_epoch_ = kNoLeaderEpoch;
  bool consumed_ = false;
  std::optional<std::string> corruption_;

  MemoryRecords::Iterator next_batch_;
  std::optional<RecordBatch> batch_;  // being read
  std::optional<RecordIterator> iterator_;
  SharedSlice batch_memory_;                                         // what its records point into
  std::deque<protocol::FetchResponse::AbortedTransaction> aborted_;  // by first offset
  std::set<ProducerId> aborted_producers_;
};

}  // namespace kafkascope

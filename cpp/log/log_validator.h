// LogValidator: what a leader does to a client's batches before it writes them.
#pragma once

#include <vector>

#include "common/errors.h"
#include "log/log_append_info.h"
#include "log/log_config.h"
#include "record/memory_records.h"

namespace kafkascope {

struct RecordOutline;

/// Some records of a batch were refused; Produce answers version 8 and later list them.
class RecordValidationException : public KafkaException {
 public:
  RecordValidationException(ErrorCode code, const std::string& message,
                            std::vector<RecordError> errors)
      : KafkaException(code, message), errors_(std::move(errors)) {}
  const std::vector<RecordError>& record_errors() const { return errors_; }

 private:
  std::vector<RecordError> errors_;
};

/// Kafka's LogValidator. Checks headers, counts, every record, timestamps and keys; assigns
/// offsets, leader epoch and (LogAppendTime) timestamps. Throws KafkaException: CORRUPT_MESSAGE,
/// INVALID_RECORD, INVALID_TIMESTAMP, UNSUPPORTED_COMPRESSION_TYPE.
class LogValidator {
 public:
  struct Options {
    const LogConfig& config;
    const TopicPartition& partition;
    AppendOrigin origin = AppendOrigin::kClient;
    LeaderEpoch leader_epoch = 0;
    Offset next_offset = 0;
    TimestampMs now = 0;
  };

  explicit LogValidator(Options options) : options_(options) {}

  /// The batches to write: the same bytes, changed in place, or new ones where the codec or the
  /// format had to change. Completes `info`.
  SharedSlice validate_and_assign_offsets(const SharedSlice& records, LogAppendInfo& info);

 private:
  struct Batch {
    int32_t count = 0;
    TimestampMs max_timestamp = kNoTimestamp;
  };

  void check_header(const RecordBatch& batch) const;
  Batch check_records(const RecordBatch& batch, int32_t first_index) const;
  void check_record(const RecordOutline& record, int32_t index, const RecordBatch& batch,
                    std::vector<RecordError>& key_errors,
                    std::vector<RecordError>& time_errors) const;
  void assign_in_place(MutableByteView bytes, const Batch& checked, LogAppendInfo& info);
  SharedSlice rebuild_all(const MemoryRecords& records, const std::vector<Batch>& checked,
                          CompressionType target, LogAppendInfo& info);
  bool log_append_time() const {
    return options_.config.message_timestamp_type == TimestampType::kLogAppendTime;
  }

  const Options options_;
  Offset next_offset_ = 0;
};

}  // namespace kafkascope

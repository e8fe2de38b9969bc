// LogAppendInfo: what became of one append.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/error_code.h"
#include "common/types.h"
#include "record/record_batch.h"

namespace kafkascope {

/// Who appends. Only coordinators write control batches; a leader's records reach followers as
/// kReplication and are not checked again.
enum class AppendOrigin { kClient, kCoordinator, kReplication };

/// Why one record of a refused batch was refused (produce response, version 8 on).
struct RecordError {
  int32_t batch_index = 0;
  std::string message;
};

/// Kafka's LogAppendInfo. When `error` is set nothing was appended and only error_message,
/// record_errors and log_start_offset mean something.
struct LogAppendInfo {
  ErrorCode error = ErrorCode::kNone;
  std::string error_message;
  std::vector<RecordError> record_errors;

  Offset first_offset = kNoOffset;
  Offset last_offset = kNoOffset;
  LeaderEpoch last_leader_epoch = kNoLeaderEpoch;
  TimestampMs max_timestamp = kNoTimestamp;
  Offset offset_of_max_timestamp = kNoOffset;  // of the batch's last record that has it
  TimestampMs log_append_time = kNoTimestamp;  // with message.timestamp.type=LogAppendTime
  Offset log_start_offset = kNoOffset;
  CompressionType source_compression = CompressionType::kNone;
  int32_t shallow_count = 0;  // batches
  int32_t valid_bytes = 0;
  /// A batch that was appended before (idempotence): the offsets are those of the first time.
  bool duplicate = false;

  bool ok() const { return error == ErrorCode::kNone; }
  int64_t num_messages() const {
    return first_offset < 0 || last_offset < 0 ? 0 : last_offset - first_offset + 1;
  }
};

}  // namespace kafkascope

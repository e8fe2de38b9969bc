// OffsetCheckpointFile: an offset per partition, in a log directory.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/types.h"
#include "log/checkpoint/checkpoint_file.h"

namespace kafkascope {

inline constexpr const char* kRecoveryPointCheckpoint = "recovery-point-offset-checkpoint";
inline constexpr const char* kLogStartOffsetCheckpoint = "log-start-offset-checkpoint";
inline constexpr const char* kReplicationOffsetCheckpoint = "replication-offset-checkpoint";
inline constexpr const char* kCleanerOffsetCheckpoint = "cleaner-offset-checkpoint";

using PartitionOffsets = std::map<TopicPartition, Offset>;

/// One line of it: "topic partition offset". Throws KafkaStorageException.
std::pair<TopicPartition, Offset> parse_offset_checkpoint_line(std::string_view line);

class OffsetCheckpointFile {
 public:
  OffsetCheckpointFile(FileSystem& files, const std::string& log_dir, const char* name)
      : file_(files, log_dir + "/" + name, 0) {}

  /// Empty when there is no file. Throws KafkaStorageException for a damaged one.
  PartitionOffsets read() const;
  void write(const PartitionOffsets& offsets) const;

 private:
  CheckpointFile file_;
};

}  // namespace kafkascope

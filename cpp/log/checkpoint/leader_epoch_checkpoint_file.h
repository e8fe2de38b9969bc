// LeaderEpochCheckpointFile: which leader epoch began at which offset, in a partition's directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "log/checkpoint/checkpoint_file.h"
#include "log/epoch/epoch_entry.h"

namespace kafkascope {

/// One line of it: "epoch offset". Throws KafkaStorageException.
EpochEntry parse_leader_epoch_line(std::string_view line);

class LeaderEpochCheckpointFile {
 public:
  LeaderEpochCheckpointFile(FileSystem& files, const std::string& dir)
      : file_(files, dir + "/leader-epoch-checkpoint", 0) {}

  std::vector<EpochEntry> read() const;
  void write(const std::vector<EpochEntry>& entries) const;

 private:
  CheckpointFile file_;
};

}  // namespace kafkascope

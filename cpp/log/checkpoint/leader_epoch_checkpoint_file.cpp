#include "log/checkpoint/leader_epoch_checkpoint_file.h"

#include <fmt/core.h>

#include "common/errors.h"

namespace kafkascope {

EpochEntry parse_leader_epoch_line(std::string_view line) {
  const auto fields = checkpoint_fields(line, 2);
  const int64_t epoch = checkpoint_number(fields[0]);
  const Offset start = checkpoint_number(fields[1]);
  if (epoch < 0 || epoch > INT32_MAX || start < 0) {
    throw KafkaStorageException("expected epoch and start offset");
  }
  return {static_cast<LeaderEpoch>(epoch), start};
}

std::vector<EpochEntry> LeaderEpochCheckpointFile::read() const {
  std::vector<EpochEntry> entries;
  file_.read([&](std::string_view line) { entries.push_back(parse_leader_epoch_line(line)); });
  return entries;
}

void LeaderEpochCheckpointFile::write(const std::vector<EpochEntry>& entries) const {
  std::vector<std::string> lines;
  for (const EpochEntry& e : entries)
    lines.push_back(fmt::format("{} {}", e.epoch, e.start_offset));
  file_.write(lines);
}

}  // namespace kafkascope

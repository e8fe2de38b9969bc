#include "log/checkpoint/offset_checkpoint_file.h"

#include <fmt/core.h>

#include "common/errors.h"

namespace kafkascope {

std::pair<TopicPartition, Offset> parse_offset_checkpoint_line(std::string_view line) {
  const auto fields = checkpoint_fields(line, 3);
  const int64_t partition = checkpoint_number(fields[1]);
  const Offset offset = checkpoint_number(fields[2]);
  if (fields[0].empty() || partition < 0 || partition > INT32_MAX || offset < 0) {
    throw KafkaStorageException("expected topic, partition and offset");
  }
  return {{std::string(fields[0]), static_cast<PartitionIndex>(partition)}, offset};
}

PartitionOffsets OffsetCheckpointFile::read() const {
  PartitionOffsets offsets;
  file_.read([&](std::string_view line) {
    auto [partition, offset] = parse_offset_checkpoint_line(line);
    offsets[std::move(partition)] = offset;
  });
  return offsets;
}

void OffsetCheckpointFile::write(const PartitionOffsets& offsets) const {
  std::vector<std::string> lines;
  for (const auto& [partition, offset] : offsets) {
    lines.push_back(fmt::format("{} {} {}", partition.topic, partition.partition, offset));
  }
  file_.write(lines);
}

}  // namespace kafkascope

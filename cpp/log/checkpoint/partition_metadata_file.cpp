#include "log/checkpoint/partition_metadata_file.h"

#include <fmt/core.h>

#include "common/errors.h"
#include "common/text.h"
#include "runtime/file_system.h"

namespace kafkascope {
namespace {

std::string_view value_of(std::string_view name, std::string_view line, std::string_view key) {
  if (line.starts_with(key)) return trim(line.substr(key.size()));
  throw KafkaStorageException(
      fmt::format("{}: \"{}\": expected \"{}\"", name, line.substr(0, 80), key));
}

}  // namespace

Uuid parse_partition_metadata(std::string_view name, std::string_view text) {
  const std::vector<std::string_view> lines = split(trim(text), '\n');
  if (value_of(name, lines[0], "version:") != "0") {
    throw KafkaStorageException(fmt::format("{}: \"{}\": expected version 0", name, lines[0]));
  }
  const std::string_view id = value_of(name, lines.size() > 1 ? lines[1] : "", "topic_id:");
  try {
    const Uuid topic_id = Uuid::parse(id);
    if (!topic_id.is_zero()) return topic_id;
  } catch (const SerializationException&) {
  }
  throw KafkaStorageException(fmt::format("{}: \"{}\" is no topic id", name, id.substr(0, 40)));
}

std::optional<Uuid> PartitionMetadataFile::read() const {
  if (!files_.exists(path_)) return std::nullopt;
  const ByteBuffer content = read_file(files_, path_);
  return parse_partition_metadata(path_, as_text(content));
}

void PartitionMetadataFile::write(const Uuid& topic_id) const {
  const std::string text = fmt::format("version: 0\ntopic_id: {}", topic_id.to_string());
  write_file_atomically(files_, path_, as_bytes(text));
}

}  // namespace kafkascope

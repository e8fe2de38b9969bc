// PartitionMetadataFile: partition.metadata, which holds the topic's id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/uuid.h"

namespace kafkascope {

class FileSystem;

/// "version: 0\ntopic_id: ...". Throws KafkaStorageException for anything else.
Uuid parse_partition_metadata(std::string_view name, std::string_view text);

class PartitionMetadataFile {
 public:
  PartitionMetadataFile(FileSystem& files, const std::string& dir)
      : files_(files), path_(dir + "/partition.metadata") {}

  /// Nothing when there is no file.
  std::optional<Uuid> read() const;
  void write(const Uuid& topic_id) const;

 private:
  FileSystem& files_;
  const std::string path_;
};

}  // namespace kafkascope

// BrokerMetadataCheckpoint: meta.properties, which says whose a log directory is.
#pragma once

#include <optional>
#include <string>

#include "common/types.h"

namespace kafkascope {

class FileSystem;

/// Version 0 is ZooKeeper mode's (broker.id), 1 is KRaft's (node.id, directory.id).
struct MetaProperties {
  int version = 0;
  std::optional<BrokerId> broker_id;
  std::string cluster_id;    // empty: none
  std::string directory_id;  // empty: none

  auto operator<=>(const MetaProperties&) const = default;
};

/// Throws KafkaException(INVALID_CONFIG) naming key and value.
MetaProperties parse_meta_properties(const std::string& name, std::string_view text);
std::string format_meta_properties(const MetaProperties& properties);

class BrokerMetadataCheckpoint {
 public:
  BrokerMetadataCheckpoint(FileSystem& files, const std::string& log_dir)
      : files_(files), path_(log_dir + "/meta.properties") {}

  /// Nothing when there is no file.
  std::optional<MetaProperties> read() const;
  void write(const MetaProperties& properties) const;

 private:
  FileSystem& files_;
  const std::string path_;
};

}  // namespace kafkascope

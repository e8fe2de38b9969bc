#include "server/delayed_topic_operations.h"

#include <fmt/core.h>

#include <algorithm>

namespace kafkascope {

bool has_leader(const ClusterMetadata& metadata, const TopicPartition& partition) {
  const auto found = metadata.partitions.find(partition);
  return found != metadata.partitions.end() && found->second.leader >= 0;
}

bool DelayedCreatePartitions::is_done(const ClusterMetadata& metadata) const {
  return std::all_of(partitions_.begin(), partitions_.end(),
                     [&](const TopicPartition& p) { return has_leader(metadata, p); });
}

std::string DelayedCreatePartitions::describe() const {
  return fmt::format("leaders of {} partitions", partitions_.size());
}

bool DelayedDeleteTopics::is_done(const ClusterMetadata& metadata) const {
  return std::none_of(topics_.begin(), topics_.end(),
                      [&](const std::string& name) { return metadata.topics.contains(name); });
}

std::string DelayedDeleteTopics::describe() const {
  return fmt::format("end of {} topics", topics_.size());
}

bool DelayedElectLeader::is_done(const ClusterMetadata& metadata) const {
  return std::all_of(elected_.begin(), elected_.end(), [&](const auto& entry) {
    const auto found = metadata.partitions.find(entry.first);
    return found != metadata.partitions.end() && found->second.leader == entry.second;
  });
}

std::string DelayedElectLeader::describe() const {
  return fmt::format("election in {} partitions", elected_.size());
}

}  // namespace kafkascope

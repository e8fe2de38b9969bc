// What an UpdateMetadata request of the controller changes in a broker's picture of the cluster.
#pragma once

#include <vector>

#include "metadata/cluster_metadata.h"
#include "protocol/messages/update_metadata_request.h"

namespace kafkascope {

/// The brokers of the request are all that live; partitions are changed one by one, those with the
/// leader kLeaderDuringDelete go. Returns the partitions that went. Configurations of topics stay
/// as they are: they come another way.
std::vector<TopicPartition> apply_update_metadata(ClusterMetadata& metadata,
                                                  const protocol::UpdateMetadataRequest& request);

}  // namespace kafkascope

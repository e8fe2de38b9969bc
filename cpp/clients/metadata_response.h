// From a Metadata answer to a Cluster.
#pragma once

#include "clients/cluster.h"
#include "protocol/messages/metadata_response.h"

namespace kafkascope {

/// Partitions come sorted by index.
Cluster cluster_from_response(const protocol::MetadataResponse& response);

}  // namespace kafkascope

// A segment against its own bytes: invariant 28, and the epochs of invariant 29.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/bytes.h"
#include "log/log_description.h"
#include "simulation/invariants/appended_batches.h"

namespace kafkascope {

/// What is wrong with a segment whose file holds `bytes`, or nothing. Its batches go to `found`.
std::string check_segment(const SegmentDescription& segment, ByteView bytes,
                          std::map<Offset, AppendedBatch>& found);
/// Segments follow each other without a gap in names or an overlap.
std::string check_contiguous(const std::vector<SegmentDescription>& segments);
/// Epochs and their start offsets grow, and each batch lies in the epoch that it names.
std::string check_epochs(const std::vector<EpochEntry>& epochs,
                         const std::map<Offset, AppendedBatch>& batches);

}  // namespace kafkascope

// The running broker's log that an event is about, and its bytes on the simulated disk.
#pragma once

#include <memory>

#include "common/bytes.h"
#include "log/log.h"
#include "simulation/simulation.h"

namespace kafkascope {

/// Of the event's field "partition"; null when its node is down or has no such log any more.
std::shared_ptr<Log> live_log(Simulation& simulation, const TraceEvent& event);
/// Bytes of a segment file as the disk has them; as many as there are.
ByteView segment_bytes(Simulation& simulation, const std::string& node, const std::string& dir,
                       Offset base_offset, int64_t position, int64_t size);

}  // namespace kafkascope

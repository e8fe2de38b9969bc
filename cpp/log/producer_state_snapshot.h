// The bytes of a .snapshot file: the producers of a log at an offset
// (docs/formats/producer-snapshot.md).
#pragma once

#include <vector>

#include "common/bytes.h"
#include "log/producer_state_entry.h"

namespace kafkascope {

ByteBuffer encode_producer_snapshot(const std::vector<ProducerStateEntry>& entries);
/// Throws SerializationException for another version, a wrong checksum or a broken length.
std::vector<ProducerStateEntry> decode_producer_snapshot(ByteView bytes);

}  // namespace kafkascope

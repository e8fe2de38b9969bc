// CRC-32C (Castagnoli), the checksum of v2 record batches and producer snapshots; computed by
// ISA-L.
#pragma once

#include <cstdint>

#include "common/bytes.h"

namespace kafkascope {

/// Of "123456789": 0xe3069283. Give an earlier result as `seed` to go on where it ended.
uint32_t crc32c(ByteView bytes, uint32_t seed = 0);

}  // namespace kafkascope

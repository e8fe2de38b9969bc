#include "common/crc32c.h"

#include <isa-l/crc.h>

namespace kafkascope {

uint32_t crc32c(ByteView bytes, uint32_t seed) {
  // ISA-L leaves the inversions before and after to its caller.
  return ~crc32_iscsi(const_cast<uint8_t*>(bytes.data()), static_cast<int>(bytes.size()), ~seed);
}

}  // namespace kafkascope

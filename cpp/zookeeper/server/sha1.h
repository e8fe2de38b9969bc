// SHA-1 (FIPS 180-4): the digest scheme's passwords are kept as it.
#pragma once

#include <array>

#include "common/bytes.h"

namespace kafkascope::zk {

std::array<uint8_t, 20> sha1(ByteView message);

}  // namespace kafkascope::zk

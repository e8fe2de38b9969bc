// Base64 in its two alphabets: standard with padding, and url-safe without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/bytes.h"

namespace kafkascope {

enum class Base64 { kStandard, kUrlSafe };

std::string base64_encode(ByteView bytes, Base64 alphabet);
/// Nothing when a character is not of the alphabet. Padding may be there or not.
std::optional<ByteBuffer> base64_decode(std::string_view text, Base64 alphabet);

}  // namespace kafkascope

#include "common/base64.h"

namespace kafkascope {
namespace {

constexpr std::string_view kStandardLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafeLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string_view letters(Base64 alphabet) {
  return alphabet == Base64::kStandard ? kStandardLetters : kUrlSafeLetters;
}

}  // namespace

std::string base64_encode(ByteView bytes, Base64 alphabet) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? bytes[i + j] : 0);
    for (size_t j = 0; j <= count; ++j) text += letters(alphabet)[group >> (18 - 6 * j) & 63];
    if (alphabet == Base64::kStandard) text.append(3 - count, '=');
  }
  return text;
}

std::optional<ByteBuffer> base64_decode(std::string_view text, Base64 alphabet) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  ByteBuffer bytes;
  uint32_t group = 0;
  int bits = 0;
  for (char c : text) {
    const size_t value = letters(alphabet).find(c);
    if (value == std::string_view::npos) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(value);
    if ((bits += 6) >= 8) bytes.push_back(static_cast<uint8_t>(group >> (bits -= 8)));
  }
  return bytes;
}

}  // namespace kafkascope

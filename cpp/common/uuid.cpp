#include "common/uuid.h"

#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int kTextSize = 22;
constexpr int kBits = 128;

}  // namespace

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(kTextSize);
  for (int bit = 0; bit < kBits; bit += 6) {
    int digit = 0;
    for (int i = bit; i < bit + 6; ++i) {
      const uint64_t half = i < 64 ? most_significant : least_significant;
      digit = (digit << 1) | (i < kBits ? static_cast<int>((half >> (63 - i % 64)) & 1) : 0);
    }
    text.push_back(kAlphabet[digit]);
  }
  return text;
}

Uuid Uuid::parse(std::string_view text) {
  Uuid uuid;
  if (text.size() != kTextSize) throw SerializationException("not a uuid of 22 characters: " + std::string(text));
  for (int at = 0; at < kTextSize; ++at) {
    const size_t digit = kAlphabet.find(text[at]);
    if (digit == std::string_view::npos) throw SerializationException("not a uuid: " + std::string(text));
    for (int i = 0; i < 6; ++i) {
      const int bit = at * 6 + i;
      const uint64_t value = (digit >> (5 - i)) & 1;
      if (bit < 64) uuid.most_significant |= value << (63 - bit);
      else if (bit < kBits) uuid.least_significant |= value << (127 - bit);
      else if (value != 0) throw SerializationException("not a uuid (stray bits): " + std::string(text));
    }
  }
  return uuid;
}

}  // namespace kafkascope

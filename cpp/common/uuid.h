// Uuid: 128-bit ids of topics, directories and clusters, printed as Kafka prints them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace kafkascope {

/// All zero means "none" (Kafka's ZERO_UUID).
struct Uuid {
  uint64_t most_significant = 0;
  uint64_t least_significant = 0;

  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return most_significant == 0 && least_significant == 0; }
  /// 22 characters of URL-safe base64 without padding.
  std::string to_string() const;
  /// The reverse of to_string. Throws SerializationException for any other text.
  static Uuid parse(std::string_view text);
  /// A version 4 uuid from 128 random bits.
  static Uuid from_random(uint64_t high, uint64_t low) {
    return {(high & ~0xf000ULL) | 0x4000ULL, (low & ~(3ULL << 62)) | (2ULL << 62)};
  }
};

}  // namespace kafkascope

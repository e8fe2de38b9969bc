// CompressionType: the codecs of record batches, by their number in a batch's attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kafkascope {

enum class CompressionType : int8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

/// "none", "gzip", "snappy", "lz4", "zstd"; "unknown" for numbers that a broken batch may have.
std::string_view compression_name(CompressionType type);
/// Nothing for another word.
std::optional<CompressionType> parse_compression(std::string_view name);
/// Kafka's default level of a codec that has levels: -1 (zlib's own, 6), 9, 3; 0 for the others.
int default_compression_level(CompressionType type);

}  // namespace kafkascope

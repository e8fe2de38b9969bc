#include "record/compression.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "record/codecs.h"

namespace kafkascope {
namespace {

constexpr size_t kUsualExpansion = 4;
constexpr std::string_view kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};

}  // namespace

std::string_view compression_name(CompressionType type) {
  const auto index = static_cast<size_t>(type);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

std::optional<CompressionType> parse_compression(std::string_view name) {
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (name == kNames[i]) return static_cast<CompressionType>(i);
  }
  return std::nullopt;
}

float default_compression_ratio(CompressionType type) {
  return type == CompressionType::kNone || type == CompressionType::kSnappy ||
                 type == CompressionType::kLz4
             ? 1.0f
             : 0.9f;
}

int default_compression_level(CompressionType type) {
  switch (type) {
    case CompressionType::kGzip:
      return -1;
    case CompressionType::kLz4:
      return 9;
    case CompressionType::kZstd:
      return 3;
    default:
      return 0;
  }
}

void compress(CompressionType type, int level, int8_t magic, ByteView plain, ByteBuffer& out) {
  switch (type) {
    case CompressionType::kNone:
      out.insert(out.end(), plain.begin(), plain.end());
      break;
    case CompressionType::kGzip:
      codecs::gzip_compress(level, plain, out);
      break;
    case CompressionType::kSnappy:
      codecs::snappy_compress(plain, out);
      break;
    case CompressionType::kLz4:
      codecs::lz4_compress(level, magic == 0, plain, out);
      break;
    case CompressionType::kZstd:
      codecs::zstd_compress(level, plain, out);
      break;
  }
}

ByteBuffer decompress(CompressionType type, ByteView compressed, size_t limit, ByteBuffer reuse) {
  codecs::BoundedOutput out(compression_name(type).data(), std::move(reuse),
                            compressed.size() * kUsualExpansion, limit);
  switch (type) {
    case CompressionType::kNone: {
      const MutableByteView room = out.room_for(compressed.size());
      std::copy(compressed.begin(), compressed.end(), room.begin());
      out.advance(compressed.size());
      return out.take();
    }
    case CompressionType::kGzip:
      codecs::gzip_decompress(compressed, out);
      return out.take();
    case CompressionType::kSnappy:
      codecs::snappy_decompress(compressed, out);
      return out.take();
    case CompressionType::kLz4:
      codecs::lz4_decompress(compressed, out);
      return out.take();
    case CompressionType::kZstd:
      codecs::zstd_decompress(compressed, out);
      return out.take();
  }
  throw KafkaException(ErrorCode::kUnsupportedCompressionType,
                       fmt::format("compression type {}", static_cast<int>(type)));
}

}  // namespace kafkascope

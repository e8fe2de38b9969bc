#include "record/compression.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "record/codecs.h"

namespace kafkascope {
namespace {

constexpr size_t kFirstOutput = 16 * 1024;
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

std::unique_ptr<Decompressor> make_decompressor(CompressionType type, ByteView compressed) {
  switch (type) {
    case CompressionType::kNone:
      break;
    case CompressionType::kGzip:
      return codecs::gzip_decompressor(compressed);
    case CompressionType::kSnappy:
      return codecs::snappy_decompressor(compressed);
    case CompressionType::kLz4:
      return codecs::lz4_decompressor(compressed);
    case CompressionType::kZstd:
      return codecs::zstd_decompressor(compressed);
  }
  throw KafkaException(ErrorCode::kUnsupportedCompressionType,
                       fmt::format("compression type {}", static_cast<int>(type)));
}

ByteBuffer decompress(CompressionType type, ByteView compressed, size_t limit, ByteBuffer reuse) {
  const auto check = [&](size_t size) {
    if (size <= limit) return;
    codecs::corrupt(compression_name(type).data(),
                    fmt::format("decompresses to more than {} bytes", limit));
  };
  ByteBuffer plain = std::move(reuse);
  if (type == CompressionType::kNone) {
    check(compressed.size());
    plain.assign(compressed.begin(), compressed.end());
    return plain;
  }
  const auto decompressor = make_decompressor(type, compressed);
  const size_t first = std::max(kFirstOutput, compressed.size() * kUsualExpansion);
  plain.clear();
  size_t size = 0;
  for (;;) {
    // One byte beyond the limit tells data that ends there from data that goes on.
    if (size == plain.size()) plain.resize(std::min(std::max(first, size * 2), limit + 1));
    const size_t count = decompressor->read(MutableByteView(plain).subspan(size));
    if (count == 0) break;
    check(size += count);
  }
  plain.resize(size);
  return plain;
}

}  // namespace kafkascope

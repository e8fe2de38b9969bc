// One pair of functions a codec; compression.h chooses. All decompressors are bounded by their
// output.
#pragma once

#include <string>

#include "common/bytes.h"

namespace kafkascope::codecs {

/// Throws KafkaException(CORRUPT_MESSAGE): "gzip: reason".
[[noreturn]] void corrupt(const char* codec, const std::string& reason);

/// Where a decompressor writes: grows as it fills, and refuses (CORRUPT_MESSAGE) to pass its limit.
/// Memory is taken for bytes that are about to come, never for a size that the data declares.
class BoundedOutput {
 public:
  /// `buffer` may be a used one, whose memory is taken over. `expected` is a guess from the size of
  /// what is there.
  BoundedOutput(const char* codec, ByteBuffer buffer, size_t expected, size_t limit);

  /// Room for the next bytes, never empty.
  MutableByteView room();
  /// Room for exactly so many.
  MutableByteView room_for(size_t count);
  /// So many of the room were written.
  void advance(size_t count);
  ByteBuffer take();

 private:
  [[noreturn]] void refuse() const;

  const char* codec_;
  ByteBuffer buffer_;
  size_t produced_ = 0;
  size_t first_;  // size to begin with
  size_t limit_;
};

void gzip_compress(int level, ByteView plain, ByteBuffer& out);
/// Reads one gzip member after another, as Java's GZIPInputStream does.
void gzip_decompress(ByteView compressed, BoundedOutput& out);

/// Xerial's format: a magic header, then blocks of up to 32 KiB, each behind its length.
void snappy_compress(ByteView plain, ByteBuffer& out);
/// Xerial's format, or one raw snappy block.
void snappy_decompress(ByteView compressed, BoundedOutput& out);

/// An lz4 frame of independent 64 KiB blocks. `broken_checksum`: Kafka's first lz4 (message format
/// 0) took the header's checksum over the frame's magic too.
void lz4_compress(int level, bool broken_checksum, ByteView plain, ByteBuffer& out);
/// Takes either header checksum.
void lz4_decompress(ByteView compressed, BoundedOutput& out);

void zstd_compress(int level, ByteView plain, ByteBuffer& out);
/// Reads one frame after another.
void zstd_decompress(ByteView compressed, BoundedOutput& out);

}  // namespace kafkascope::codecs

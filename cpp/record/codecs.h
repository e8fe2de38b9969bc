// One pair of functions a codec; compression.h chooses. All decompressors are bounded by `limit`.
#pragma once

#include "common/bytes.h"

namespace kafkascope::codecs {

void gzip_compress(int level, ByteView plain, ByteBuffer& out);
ByteBuffer gzip_decompress(ByteView compressed, size_t limit);

/// Xerial's format: a magic header, then blocks of up to 32 KiB, each behind its length.
void snappy_compress(ByteView plain, ByteBuffer& out);
/// Xerial's format, or one raw snappy block.
ByteBuffer snappy_decompress(ByteView compressed, size_t limit);

/// An lz4 frame of independent 64 KiB blocks. `broken_checksum`: Kafka's first lz4 (message format
/// 0) took the header's checksum over the frame's magic too.
void lz4_compress(int level, bool broken_checksum, ByteView plain, ByteBuffer& out);
/// Takes either header checksum.
ByteBuffer lz4_decompress(ByteView compressed, size_t limit);

void zstd_compress(int level, ByteView plain, ByteBuffer& out);
ByteBuffer zstd_decompress(ByteView compressed, size_t limit);

/// Throws KafkaException(CORRUPT_MESSAGE): "gzip: reason".
[[noreturn]] void corrupt(const char* codec, const std::string& reason);
/// Grows `out` for the next piece; throws when that would pass the limit.
void grow(const char* codec, ByteBuffer& out, size_t needed, size_t limit);

}  // namespace kafkascope::codecs

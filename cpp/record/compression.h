// The codecs as Kafka frames them: gzip, snappy in xerial's blocks, lz4 frames, zstd.
#pragma once

#include "common/bytes.h"
#include "record/compression_type.h"

namespace kafkascope {

/// The most that one batch may decompress to: a bomb ends here.
inline constexpr size_t kMaxDecompressedSize = 128 * 1024 * 1024;

/// Appends the compressed form of `plain` to `out`. `magic` 0 gets the header checksum that Kafka's
/// first lz4 had.
void compress(CompressionType type, int level, int8_t magic, ByteView plain, ByteBuffer& out);

/// The plain bytes, in the memory of `reuse` where that is large enough. Throws
/// KafkaException(CORRUPT_MESSAGE) for bytes that are not of the codec, and when there would be
/// more than `limit` of them; no memory is taken for sizes that the data only declares.
ByteBuffer decompress(CompressionType type, ByteView compressed,
                      size_t limit = kMaxDecompressedSize, ByteBuffer reuse = {});

}  // namespace kafkascope

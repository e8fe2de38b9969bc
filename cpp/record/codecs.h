// One pair of functions a codec; compression.h chooses.
#pragma once

#include <memory>
#include <string>

#include "record/decompressor.h"

namespace kafkascope::codecs {

/// Throws KafkaException(CORRUPT_MESSAGE): "gzip: reason".
[[noreturn]] void corrupt(const char* codec, const std::string& reason);

void gzip_compress(int level, ByteView plain, ByteBuffer& out);
/// Reads one gzip member after another, as Java's GZIPInputStream does.
std::unique_ptr<Decompressor> gzip_decompressor(ByteView compressed);

/// Xerial's format: a magic header, then blocks of up to 32 KiB, each behind its length.
void snappy_compress(ByteView plain, ByteBuffer& out);
/// Xerial's format, or one raw snappy block.
std::unique_ptr<Decompressor> snappy_decompressor(ByteView compressed);

/// An lz4 frame of independent 64 KiB blocks. `broken_checksum`: Kafka's first lz4 (message format
/// 0) took the header's checksum over the frame's magic too.
void lz4_compress(int level, bool broken_checksum, ByteView plain, ByteBuffer& out);
/// Takes either header checksum.
std::unique_ptr<Decompressor> lz4_decompressor(ByteView compressed);

void zstd_compress(int level, ByteView plain, ByteBuffer& out);
/// Reads one frame after another.
std::unique_ptr<Decompressor> zstd_decompressor(ByteView compressed);

}  // namespace kafkascope::codecs

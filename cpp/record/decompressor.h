// Decompressor: the plain bytes of compressed ones, piece by piece.
#pragma once

#include <memory>

#include "common/bytes.h"
#include "record/compression_type.h"

namespace kafkascope {

/// Holds what its codec must remember of the plain bytes: 32 KiB for gzip, two blocks of at most
/// 4 MiB for lz4, at most 8 MiB for zstd, one block of at most 22 times its compressed bytes for
/// snappy. The compressed bytes must outlive it.
class Decompressor {
 public:
  virtual ~Decompressor() = default;

  /// Fills some of `into`, which is not empty; 0: the end. Throws KafkaException(CORRUPT_MESSAGE)
  /// for bytes that are not of the codec.
  virtual size_t read(MutableByteView into) = 0;
};

/// Throws KafkaException(UNSUPPORTED_COMPRESSION_TYPE), also for kNone: there is nothing to do.
std::unique_ptr<Decompressor> make_decompressor(CompressionType type, ByteView compressed);

}  // namespace kafkascope

// Decompressor: the plain bytes of compressed ones, piece by piece.
#pragma once

#include <memory>

#include "common/bytes.h"
#include "record/compression_type.h"

namespace kafkascope {

/// Holds no more memory than its codec's window, whatever the data declares. The compressed bytes
/// must outlive it.
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

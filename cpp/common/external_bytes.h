// Payload: bytes of a message that were never copied into it, in memory or in a file.
#pragma once

#include <memory>

#include "common/bytes.h"

namespace kafkascope {

/// Bytes that live elsewhere, such as a range of a log segment (runtime/file_slice.h). The network
/// sends them from where they are.
class ExternalBytes {
 public:
  virtual ~ExternalBytes() = default;
  virtual size_t size() const = 0;
  /// Reads them into memory: for tests, decoding and connections that cannot send files (TLS).
  virtual ByteBuffer load() const = 0;
};

/// A `records` field, or a part of a response: a slice of memory, or external bytes.
struct Payload {
  SharedSlice slice;
  std::shared_ptr<const ExternalBytes> external;  // when set, `slice` is empty

  Payload() = default;
  Payload(SharedSlice bytes) : slice(std::move(bytes)) {}  // NOLINT: meant to convert
  Payload(std::shared_ptr<const ExternalBytes> bytes)
      : external(std::move(bytes)) {}  // NOLINT: meant to convert

  size_t size() const { return external ? external->size() : slice.size(); }
  bool empty() const { return size() == 0; }
  /// The bytes in memory: the slice itself, or external bytes loaded.
  SharedSlice to_slice() const { return external ? SharedSlice::of(external->load()) : slice; }
};

}  // namespace kafkascope

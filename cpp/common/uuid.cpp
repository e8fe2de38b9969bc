#include "common/uuid.h"

#include "common/base64.h"
#include "common/byte_reader.h"
#include "common/byte_writer.h"
#include "common/errors.h"

namespace kafkascope {

std::string Uuid::to_string() const {
  ByteWriter writer(16);
  writer.write_int64(static_cast<int64_t>(most_significant));
  writer.write_int64(static_cast<int64_t>(least_significant));
  return base64_encode(writer.view(), Base64::kUrlSafe);
}

Uuid Uuid::parse(std::string_view text) {
  const std::optional<ByteBuffer> bytes = base64_decode(text, Base64::kUrlSafe);
  if (!bytes || bytes->size() != 16) {
    throw SerializationException("not a uuid of 22 url-safe base64 characters: " +
                                 std::string(text));
  }
  ByteReader reader(*bytes);
  Uuid uuid{reader.read_uint64(), 0};
  uuid.least_significant = reader.read_uint64();
  if (uuid.to_string() != text)
    throw SerializationException("not a uuid (stray bits): " + std::string(text));
  return uuid;
}

}  // namespace kafkascope

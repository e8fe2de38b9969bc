// Every message at every version: bytes are refused, or decode to what encodes and decodes again to
// the same.
#include <memory>

#include "common/check.h"
#include "common/errors.h"
#include "protocol/dissect.h"
#include "protocol/message_types.h"
#include "protocol/message_writer.h"
#include "protocol/schema.h"

namespace {

using namespace kafkascope;            // NOLINT
using namespace kafkascope::protocol;  // NOLINT
using Object = std::unique_ptr<void, void (*)(void*)>;

ByteBuffer again(const MessageSchema& schema, const ByteBuffer& body, int16_t version) {
  const Object object(schema.make(), schema.destroy);
  decode_into(schema, object.get(), SharedSlice::of(body), version);
  MessageWriter writer;
  encode_from(schema, object.get(), writer, version);
  return writer.take_bytes();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const auto all = all_messages();
  const MessageSchema& schema = *all[(data[0] | data[1] << 8) % all.size()];
  const int versions = schema.versions.high - schema.versions.low + 1;
  const auto version = static_cast<int16_t>(schema.versions.low + data[2] % versions);
  const ByteBuffer body(data + 3, data + size);
  (void)dissect_body(schema, version, body);
  (void)dissect_frame(body);
  try {
    const ByteBuffer once = again(schema, body, version);
    KS_CHECK(again(schema, once, version) == once);
  } catch (const KafkaException&) {
  }
  return 0;
}

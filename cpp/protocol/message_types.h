// What every generated message is made of, and the calls that move one between its struct and
// bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/external_bytes.h"
#include "common/uuid.h"

namespace kafkascope::protocol {

struct MessageSchema;
class MessageWriter;

/// What to do with bytes behind the last field. Kafka ignores them in requests, and must:
/// librdkafka sends three too many when it asks for all topics (docs/decisions/0006).
enum class Surplus { kRefuse, kIgnore };

/// Decodes a whole body; `object` is the schema's struct, just made. Records fields become slices
/// of `body`. Throws SerializationException naming byte and field, also for refused surplus.
void decode_into(const MessageSchema& schema, void* object, const SharedSlice& body,
                 int16_t version, Surplus surplus = Surplus::kRefuse);
/// Appends the body. Throws KafkaException(UNSUPPORTED_VERSION) when the version lacks a field that
/// is not at its default and may not be ignored.
void encode_from(const MessageSchema& schema, const void* object, MessageWriter& writer,
                 int16_t version);

/// The message in a body: decode<ProduceRequest>(body, 9).
template <typename Message>
Message decode(const SharedSlice& body, int16_t version, Surplus surplus = Surplus::kRefuse) {
  Message message;
  decode_into(Message::schema(), &message, body, version, surplus);
  return message;
}

template <typename Message>
void encode(const Message& message, MessageWriter& writer, int16_t version) {
  encode_from(Message::schema(), &message, writer, version);
}

}  // namespace kafkascope::protocol

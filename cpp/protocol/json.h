// The JSON form of messages: lowerCamelCase fields, base64 bytes, Kafka's uuids; fields of other
// versions absent.
#pragma once

#include "common/bytes.h"
#include "protocol/json_value.h"
#include "protocol/schema.h"

namespace kafkascope::protocol {

/// The schema of a name at a version. Throws KafkaException: INVALID_REQUEST for an unknown name,
/// with the nearest words, UNSUPPORTED_VERSION for a version outside its range.
const MessageSchema& require_message(std::string_view name, int16_t version);

/// A body as JSON. Tagged fields at their default are absent. Throws SerializationException for bad
/// bytes.
JsonValue json_decode(const MessageSchema& schema, int16_t version, ByteView body);

/// A body from JSON. Absent fields take their defaults. Throws KafkaException naming the field for
/// a value of the wrong type or range, a field that the message lacks, or one that the version
/// cannot carry.
ByteBuffer json_encode(const MessageSchema& schema, int16_t version, const JsonValue& value);

}  // namespace kafkascope::protocol

#include "protocol/request_header.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/byte_reader.h"
#include "common/errors.h"
#include "protocol/wire.h"

namespace kafkascope::protocol {
namespace {

/// Walks a tag section without keeping anything: unknown tags cost a hostile client its own bytes
/// only.
void skip_tags(ByteReader& reader) {
  const size_t count = read_tag_count(reader);
  int64_t previous = -1;
  for (size_t i = 0; i < count; ++i) {
    const TagHeader tag = read_tag_header(reader, previous);
    previous = tag.tag;
    reader.skip(tag.size);
  }
}

}  // namespace

ParsedHeader parse_request_header(const SharedSlice& frame) {
  ByteReader reader(frame.view());
  ParsedHeader parsed;
  RequestHeader& header = parsed.header;
  header.request_api_key = reader.read_int16();
  header.request_api_version = reader.read_int16();
  header.correlation_id = reader.read_int32();
  parsed.api = find_api(header.request_api_key);
  const bool known = parsed.api != nullptr && parsed.api->supports(header.request_api_version);
  if (!known && header.request_api_key != static_cast<int16_t>(ApiKey::kApiVersions)) {
    throw KafkaException(ErrorCode::kUnsupportedVersion,
                         fmt::format("api key {} version {} is not supported",
                                     header.request_api_key, header.request_api_version));
  }
  const int16_t version = parsed.api->request_header_version(
      std::min(header.request_api_version, parsed.api->highest_version));
  header.client_id.reset();
  if (version >= 1) {
    if (const auto length = read_string_length(reader, false); length) {
      const ByteView text = reader.read_bytes(*length);
      check_utf8(reader, text);
      header.client_id.emplace(as_text(text));
    }
  }
  if (version >= 2 && known) skip_tags(reader);
  parsed.body_offset = reader.position();
  return parsed;
}

ParsedResponse parse_response(const SharedSlice& frame, ApiKey key, int16_t version) {
  ByteReader reader(frame.view());
  const int32_t correlation_id = reader.read_int32();
  if (api_info(key).response_header_version(version) >= 1) skip_tags(reader);
  return {correlation_id, frame.subslice(reader.position(), reader.remaining())};
}

}  // namespace kafkascope::protocol

// The headers that go before every body, and whole frames (without their length).
#pragma once

#include "protocol/api_keys.h"
#include "protocol/message_writer.h"
#include "protocol/messages/request_header.h"
#include "protocol/messages/response_header.h"

namespace kafkascope::protocol {

/// A request's header and where its body starts in the frame.
struct ParsedHeader {
  const ApiInfo* api = nullptr;
  RequestHeader header;
  size_t body_offset = 0;
};

/// Reads the header of a request frame. Throws SerializationException for bytes that are none, and
/// KafkaException(UNSUPPORTED_VERSION) for a key or version that Kafka does not list, except
/// ApiVersions, whose unknown versions are answered (KIP-511): then `api` supports() says no and
/// the header is read as version 1.
ParsedHeader parse_request_header(const SharedSlice& frame);

/// Header and body of a request.
template <typename Request>
MessageWriter encode_request(const Request& request, int16_t version, int32_t correlation_id,
                             const std::string& client_id) {
  const ApiInfo& api = api_info(static_cast<ApiKey>(Request::kApiKey));
  RequestHeader header{.request_api_key = Request::kApiKey,
                       .request_api_version = version,
                       .correlation_id = correlation_id,
                       .client_id = client_id};
  MessageWriter writer;
  encode(header, writer, api.request_header_version(version));
  encode(request, writer, version);
  return writer;
}

/// Header and body of a response.
template <typename Response>
MessageWriter encode_response(const Response& response, int16_t version, int32_t correlation_id) {
  const ApiInfo& api = api_info(static_cast<ApiKey>(Response::kApiKey));
  MessageWriter writer;
  encode(ResponseHeader{.correlation_id = correlation_id}, writer,
         api.response_header_version(version));
  encode(response, writer, version);
  return writer;
}

/// Reads a response frame of a known version: its correlation id and body.
struct ParsedResponse {
  int32_t correlation_id;
  SharedSlice body;
};
ParsedResponse parse_response(const SharedSlice& frame, ApiKey key, int16_t version);

}  // namespace kafkascope::protocol

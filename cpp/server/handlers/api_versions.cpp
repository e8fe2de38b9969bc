// ApiVersions: which APIs, in which versions, this broker serves (KIP-35, KIP-511).
#include <algorithm>

#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

// The levels of the feature metadata.version that Kafka 3.9 supports: 3.0-IV1 to 3.9-IV0 (KIP-584).
// Nothing is finalized while no controller has done so.
constexpr int16_t kOldestMetadata = 1;
constexpr int16_t kNewestMetadata = 21;

/// Letters, digits, '-' and '.', beginning and ending with a letter or digit (KIP-511).
bool is_software_name(const std::string& text) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

ApiVersionsResponse served() {
  ApiVersionsResponse answer;
  answer.supported_features.push_back({"metadata.version", kOldestMetadata, kNewestMetadata});
  for (const ApiInfo& api : all_apis()) {
    if (KafkaApis::handler_of(api.key) == nullptr) continue;
    answer.api_keys.push_back(
        {static_cast<int16_t>(api.key), api.lowest_version, api.highest_version});
  }
  return answer;
}

}  // namespace

void handle_api_versions(ApiContext& context, const RequestPtr& request) {
  if (!request->parsed.api->supports(request->version())) {
    // A client of the future: the oldest answer, which anyone can read, with what it may use
    // instead.
    ApiVersionsResponse answer;
    answer.error_code = to_wire(ErrorCode::kUnsupportedVersion);
    const ApiInfo& api = *request->parsed.api;
    answer.api_keys.push_back(
        {static_cast<int16_t>(api.key), api.lowest_version, api.highest_version});
    MessageWriter writer = encode_response(answer, 0, request->parsed.header.correlation_id);
    return context.channel.send(request, writer.take());
  }
  const auto body = decode_body<ApiVersionsRequest>(*request);
  if (request->version() >= 3 && !(is_software_name(body.client_software_name) &&
                                   is_software_name(body.client_software_version))) {
    return respond(context, request,
                   ApiVersionsResponse{.error_code = to_wire(ErrorCode::kInvalidRequest)});
  }
  respond(context, request, served());
}

}  // namespace kafkascope

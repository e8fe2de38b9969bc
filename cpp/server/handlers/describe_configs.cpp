// DescribeConfigs: every setting of a topic or broker, its value and where that comes from
// (KIP-133, KIP-226, KIP-569).
#include <algorithm>

#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "server/config_entries.h"
#include "server/handlers/config_target.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

namespace {

Result<std::vector<DescribedConfig>> entries_of(ApiContext& context, const ConfigTarget& resource) {
  const Error problem = check_resource(context, resource);
  if (problem.code != ErrorCode::kNone) return problem;
  if (resource.type == ConfigTarget::kBrokerLogger) return std::vector<DescribedConfig>();
  if (resource.type == ConfigTarget::kTopic) {
    return topic_config_entries(context.config, context.admin.topic_config(resource.name));
  }
  const ConfigMap own =
      resource.name.empty() ? ConfigMap() : context.admin.dynamic_broker_config(resource.name);
  std::vector<DescribedConfig> all =
      broker_config_entries(context.config, own, context.admin.dynamic_broker_config(""));
  // The defaults of all brokers are only what was set for all.
  if (resource.name.empty()) {
    std::erase_if(all, [](const DescribedConfig& entry) {
      return entry.source != ConfigSource::kDynamicDefaultBroker;
    });
  }
  return all;
}

DescribeConfigsResponse::DescribeConfigsResourceResult to_response(
    const DescribedConfig& entry, const DescribeConfigsRequest& body, int16_t version) {
  DescribeConfigsResponse::DescribeConfigsResourceResult out;
  out.name = entry.name;
  out.value = entry.value;
  out.read_only = entry.read_only;
  if (version == 0)
    out.is_default = entry.source == ConfigSource::kDefault;  // later versions have the source
  out.config_source = static_cast<int8_t>(entry.source);
  out.is_sensitive = entry.sensitive;
  out.config_type = entry.type;
  out.documentation.reset();
  if (body.include_documentation) out.documentation = entry.documentation;
  if (body.include_synonyms) {
    for (const DescribedSynonym& synonym : entry.synonyms) {
      out.synonyms.push_back({synonym.name, synonym.value, static_cast<int8_t>(synonym.source)});
    }
  }
  return out;
}

}  // namespace

void handle_describe_configs(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<DescribeConfigsRequest>(*request);
  DescribeConfigsResponse answer;
  for (const auto& resource : body.resources) {
    auto& out = answer.results.emplace_back();
    out.resource_type = resource.resource_type;
    out.resource_name = resource.resource_name;
    out.error_message.reset();
    const auto entries = entries_of(context, {resource.resource_type, resource.resource_name});
    if (!entries.ok()) {
      out.error_code = to_wire(entries.code());
      out.error_message = entries.error().message;
      continue;
    }
    const auto& keys = resource.configuration_keys;
    for (const DescribedConfig& entry : *entries) {
      const bool wanted = !keys || keys->empty() ||
                          std::find(keys->begin(), keys->end(), entry.name) != keys->end();
      if (wanted) out.configs.push_back(to_response(entry, body, request->version()));
    }
  }
  respond(context, request, answer);
}

}  // namespace kafkascope

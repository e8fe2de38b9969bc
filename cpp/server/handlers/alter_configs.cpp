// AlterConfigs (replaces all settings) and IncrementalAlterConfigs (changes some, KIP-339).
#include <fmt/core.h>

#include <algorithm>

#include "common/config_tables.h"
#include "common/text.h"
#include "log/log_config.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"
#include "server/handlers/config_target.h"
#include "server/handlers/handlers.h"

namespace kafkascope {

using namespace protocol;  // NOLINT: this file is about messages

Error check_resource(ApiContext& context, const ConfigTarget& resource) {
  if (resource.type == ConfigTarget::kTopic) {
    if (const std::string problem = topic_name_problem(resource.name); !problem.empty()) {
      return {ErrorCode::kInvalidTopicException, "Topic name is invalid: " + problem};
    }
    const bool known = context.metadata.current()->find_topic(resource.name) != nullptr;
    return known ? Error{ErrorCode::kNone, {}}
                 : Error{ErrorCode::kUnknownTopicOrPartition,
                         fmt::format("The topic '{}' does not exist.", resource.name)};
  }
  if (resource.type != ConfigTarget::kBroker && resource.type != ConfigTarget::kBrokerLogger) {
    return {ErrorCode::kInvalidRequest,
            fmt::format("Unsupported resource type: {}", resource.type)};
  }
  if (!resource.name.empty() && resource.name != std::to_string(context.config.broker_id)) {
    return {ErrorCode::kInvalidRequest,
            fmt::format("Unexpected broker id, expected {}, but received {}",
                        context.config.broker_id, resource.name)};
  }
  return {ErrorCode::kNone, {}};
}

namespace {

Error apply(ApiContext& context, const ConfigTarget& resource, const ConfigMap& configs,
            bool validate_only) {
  if (const Error problem = check_resource(context, resource); problem.code != ErrorCode::kNone)
    return problem;
  if (resource.type == ConfigTarget::kTopic) {
    return context.admin.alter_topic_config(resource.name, configs, validate_only);
  }
  if (resource.type == ConfigTarget::kBroker) {
    return context.admin.alter_broker_config(resource.name, configs, validate_only);
  }
  return {ErrorCode::kInvalidRequest, "log levels are set by KAFKASCOPE_LOG"};
}

ConfigMap current_of(ApiContext& context, const ConfigTarget& resource) {
  if (resource.type == ConfigTarget::kBroker)
    return context.admin.dynamic_broker_config(resource.name);
  return context.admin.topic_config(resource.name);
}

using Change = IncrementalAlterConfigsRequest::AlterableConfig;
enum class Operation : int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };

/// A list setting with values added or taken away.
Error change_list(const ConfigDef& def, const Change& change, ConfigMap& configs) {
  const ConfigKey* key = def.find(change.name);
  if (key == nullptr || key->type != ConfigType::kList) {
    return {
        ErrorCode::kInvalidConfig,
        fmt::format("Can't append or subtract to the value of {}: it is not a list", change.name)};
  }
  const auto given = configs.find(change.name);
  const std::string now =
      given != configs.end() ? given->second : config_value_text(key->default_value);
  std::vector<std::string> values;
  for (std::string_view value : split(now, ',')) {
    if (!trim(value).empty()) values.emplace_back(trim(value));
  }
  for (std::string_view value : split(change.value.value_or(""), ',')) {
    std::erase(values, std::string(trim(value)));
    if (static_cast<Operation>(change.config_operation) == Operation::kAppend)
      values.emplace_back(trim(value));
  }
  configs[change.name] = join(values, ",");
  return {ErrorCode::kNone, {}};
}

Error apply_change(const ConfigDef& def, const Change& change, ConfigMap& configs) {
  switch (static_cast<Operation>(change.config_operation)) {
    case Operation::kSet:
      if (!change.value)
        return {ErrorCode::kInvalidRequest, "Null value not supported for : " + change.name};
      configs[change.name] = *change.value;
      return {ErrorCode::kNone, {}};
    case Operation::kDelete:
      configs.erase(change.name);
      return {ErrorCode::kNone, {}};
    case Operation::kAppend:
    case Operation::kSubtract:
      return change_list(def, change, configs);
  }
  return {ErrorCode::kInvalidRequest,
          fmt::format("Unknown operation {} on {}", change.config_operation, change.name)};
}

Error alter_one(ApiContext& context,
                const IncrementalAlterConfigsRequest::AlterConfigsResource& asked,
                bool validate_only) {
  const ConfigTarget resource{asked.resource_type, asked.resource_name};
  if (const Error problem = check_resource(context, resource); problem.code != ErrorCode::kNone)
    return problem;
  const bool topic = resource.type == ConfigTarget::kTopic;
  const ConfigDef def = topic ? LogConfig::config_def() : broker_config_def();
  ConfigMap configs = current_of(context, resource);
  for (const Change& change : asked.configs) {
    const auto same = [&](const Change& other) { return other.name == change.name; };
    if (std::count_if(asked.configs.begin(), asked.configs.end(), same) > 1) {
      return {ErrorCode::kInvalidRequest, "Error due to duplicate config keys: " + change.name};
    }
    if (const Error problem = apply_change(def, change, configs); problem.code != ErrorCode::kNone)
      return problem;
  }
  return apply(context, resource, configs, validate_only);
}

}  // namespace

void handle_incremental_alter_configs(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<IncrementalAlterConfigsRequest>(*request);
  IncrementalAlterConfigsResponse answer;
  for (const auto& resource : body.resources) {
    const Error error = alter_one(context, resource, body.validate_only);
    answer.responses.push_back(
        {to_wire(error.code),
         error.code == ErrorCode::kNone ? std::nullopt : std::optional(error.message),
         resource.resource_type, resource.resource_name});
  }
  respond(context, request, answer);
}

void handle_alter_configs(ApiContext& context, const RequestPtr& request) {
  const auto body = decode_body<AlterConfigsRequest>(*request);
  AlterConfigsResponse answer;
  for (const auto& resource : body.resources) {
    ConfigMap configs;
    for (const auto& config : resource.configs) {
      if (config.value) configs[config.name] = *config.value;
    }
    const Error error = apply(context, {resource.resource_type, resource.resource_name}, configs,
                              body.validate_only);
    answer.responses.push_back(
        {to_wire(error.code),
         error.code == ErrorCode::kNone ? std::nullopt : std::optional(error.message),
         resource.resource_type, resource.resource_name});
  }
  respond(context, request, answer);
}

}  // namespace kafkascope

// KafkaAdminClient: configurations of topics and brokers.
#include <charconv>

#include "clients/admin/admin_client_parts.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace kafkascope {
namespace {

constexpr int8_t kDefaultConfigSource = 5;
constexpr int16_t kFirstVersionWithSynonyms = 1;
constexpr int16_t kFirstVersionWithDocumentation = 3;

// A broker's own values are known to it alone; topics and cluster-wide defaults to all.
AdminNetwork::Target target_of(const ConfigResource& resource) {
  if (resource.type == ConfigResourceType::kTopic || resource.name.empty()) return {};
  BrokerId id = -1;
  const char* end = resource.name.data() + resource.name.size();
  if (const auto [rest, error] = std::from_chars(resource.name.data(), end, id);
      error != std::errc() || rest != end) {
    throw KafkaException(ErrorCode::kInvalidRequest,
                         "a broker resource is named by its id, not \"" + resource.name + "\"");
  }
  return {AdminNetwork::Target::Kind::kBroker, id};
}

template <typename Map>
std::map<BrokerId, std::vector<typename Map::const_iterator>> by_target(const Map& resources) {
  std::map<BrokerId, std::vector<typename Map::const_iterator>> groups;
  for (auto at = resources.begin(); at != resources.end(); ++at)
    groups[target_of(at->first).broker].push_back(at);
  return groups;
}

AdminNetwork::Target target_for(BrokerId broker) {
  return broker < 0 ? AdminNetwork::Target{}
                    : AdminNetwork::Target{AdminNetwork::Target::Kind::kBroker, broker};
}

ConfigEntry entry_from(
    const protocol::DescribeConfigsResponse::DescribeConfigsResourceResult& config) {
  ConfigEntry entry;
  entry.name = config.name;
  entry.value = config.value;
  entry.read_only = config.read_only;
  entry.is_default =
      config.config_source >= 0 ? config.config_source == kDefaultConfigSource : config.is_default;
  entry.is_sensitive = config.is_sensitive;
  entry.source = config.config_source;
  entry.type = config.config_type;
  entry.documentation = config.documentation.value_or("");
  for (const auto& synonym : config.synonyms)
    entry.synonyms.push_back({synonym.name, synonym.value, synonym.source});
  return entry;
}

template <typename Responses>
void add_results(const Responses& responses, std::map<ConfigResource, Result<Done>>& results) {
  for (const auto& one : responses) {
    const ConfigResource resource{static_cast<ConfigResourceType>(one.resource_type),
                                  one.resource_name};
    results.emplace(resource, item_result(one.error_code, one.error_message, Done{}));
  }
}

}  // namespace

KafkaAdminClient::Results<ConfigResource, std::vector<ConfigEntry>>
KafkaAdminClient::describe_configs(
    const std::map<ConfigResource, std::vector<std::string>>& resources,
    DescribeConfigsOptions options, Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  Results<ConfigResource, std::vector<ConfigEntry>> results;
  for (const auto& [broker, group] : by_target(resources)) {
    const auto make = [&group = group, options] {
      protocol::DescribeConfigsRequest request;
      for (const auto& at : group) {
        auto& resource = request.resources.emplace_back();
        resource.resource_type = static_cast<int8_t>(at->first.type);
        resource.resource_name = at->first.name;
        if (at->second.empty())
          resource.configuration_keys.reset();
        else
          resource.configuration_keys = at->second;
      }
      return make_request(std::move(request), [options](protocol::DescribeConfigsRequest& message,
                                                        int16_t version) {
        message.include_synonyms = options.synonyms && version >= kFirstVersionWithSynonyms;
        message.include_documentation =
            options.documentation && version >= kFirstVersionWithDocumentation;
      });
    };
    const auto response =
        parts_->network.call<protocol::DescribeConfigsResponse>(target_for(broker), make, until);
    for (const auto& one : response.results) {
      std::vector<ConfigEntry> entries;
      for (const auto& config : one.configs) entries.push_back(entry_from(config));
      const ConfigResource resource{static_cast<ConfigResourceType>(one.resource_type),
                                    one.resource_name};
      results.emplace(resource, item_result(one.error_code, one.error_message, std::move(entries)));
    }
  }
  return results;
}

KafkaAdminClient::Results<ConfigResource, Done> KafkaAdminClient::incremental_alter_configs(
    const std::map<ConfigResource, std::vector<AlterConfigOp>>& changes, bool validate_only,
    Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  Results<ConfigResource, Done> results;
  for (const auto& [broker, group] : by_target(changes)) {
    const auto make = [&group = group, validate_only] {
      protocol::IncrementalAlterConfigsRequest request;
      for (const auto& at : group) {
        auto& resource = request.resources.emplace_back();
        resource.resource_type = static_cast<int8_t>(at->first.type);
        resource.resource_name = at->first.name;
        for (const AlterConfigOp& op : at->second) {
          resource.configs.push_back({op.name, static_cast<int8_t>(op.type), op.value});
        }
      }
      request.validate_only = validate_only;
      return make_request(std::move(request));
    };
    const auto response = parts_->network.call<protocol::IncrementalAlterConfigsResponse>(
        target_for(broker), make, until);
    add_results(response.responses, results);
  }
  return results;
}

KafkaAdminClient::Results<ConfigResource, Done> KafkaAdminClient::alter_configs(
    const std::map<ConfigResource, std::map<std::string, std::string>>& configs, bool validate_only,
    Deadline deadline) {
  Lock lock(parts_->network.mutex());
  const Instant until = parts_->network.deadline(deadline);
  Results<ConfigResource, Done> results;
  for (const auto& [broker, group] : by_target(configs)) {
    const auto make = [&group = group, validate_only] {
      protocol::AlterConfigsRequest request;
      for (const auto& at : group) {
        auto& resource = request.resources.emplace_back();
        resource.resource_type = static_cast<int8_t>(at->first.type);
        resource.resource_name = at->first.name;
        for (const auto& [name, value] : at->second) resource.configs.push_back({name, value});
      }
      request.validate_only = validate_only;
      return make_request(std::move(request));
    };
    const auto response =
        parts_->network.call<protocol::AlterConfigsResponse>(target_for(broker), make, until);
    add_results(response.responses, results);
  }
  return results;
}

}  // namespace kafkascope

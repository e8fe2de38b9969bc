#include "log/checkpoint/broker_metadata_checkpoint.h"

#include <fmt/core.h>

#include <charconv>
#include <map>

#include "common/errors.h"
#include "common/properties.h"
#include "runtime/file_system.h"

namespace kafkascope {
namespace {

int32_t number_of(const std::string& name, const std::string& key, const std::string& text) {
  int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  throw ConfigException(fmt::format("{}: {}={}: expected a number", name, key, text));
}

}  // namespace

MetaProperties parse_meta_properties(const std::string& name, std::string_view text) {
  const std::map<std::string, std::string> values = parse_properties(text);
  const auto find = [&](const char* key) {
    const auto at = values.find(key);
    return at == values.end() ? std::string() : at->second;
  };
  MetaProperties properties;
  properties.version =
      number_of(name, "version", values.contains("version") ? find("version") : "0");
  if (properties.version != 0 && properties.version != 1) {
    throw ConfigException(fmt::format("{}: version={}: expected 0 or 1", name, properties.version));
  }
  const char* id_key = properties.version == 0 ? "broker.id" : "node.id";
  if (values.contains(id_key)) properties.broker_id = number_of(name, id_key, find(id_key));
  properties.cluster_id = find("cluster.id");
  properties.directory_id = find("directory.id");
  return properties;
}

std::string format_meta_properties(const MetaProperties& properties) {
  std::map<std::string, std::string> values{{"version", std::to_string(properties.version)}};
  const char* id_key = properties.version == 0 ? "broker.id" : "node.id";
  if (properties.broker_id) values[id_key] = std::to_string(*properties.broker_id);
  if (!properties.cluster_id.empty()) values["cluster.id"] = properties.cluster_id;
  if (!properties.directory_id.empty()) values["directory.id"] = properties.directory_id;
  return format_properties(values);
}

std::optional<MetaProperties> BrokerMetadataCheckpoint::read() const {
  if (!files_.exists(path_)) return std::nullopt;
  const ByteBuffer content = read_file(files_, path_);
  return parse_meta_properties(path_, as_text(content));
}

void BrokerMetadataCheckpoint::write(const MetaProperties& properties) const {
  write_file_atomically(files_, path_, as_bytes(format_meta_properties(properties)));
}

}  // namespace kafkascope

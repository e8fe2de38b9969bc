#include "common/config_tables.h"

#include <fmt/core.h>

#include "common/embedded_config_tables.h"
#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

using Columns = std::vector<std::string_view>;

std::string_view column(const Columns& header, const Columns& fields, std::string_view name) {
  for (size_t i = 0; i < header.size() && i < fields.size(); ++i) {
    if (header[i] == name) return fields[i];
  }
  return {};
}

ConfigImportance parse_importance(std::string_view word) {
  if (word == "high") return ConfigImportance::kHigh;
  return word == "medium" ? ConfigImportance::kMedium : ConfigImportance::kLow;
}

// Kafka's names end in their unit, or nearly: log.retention.check.interval.ms,
// metadata.log.max.record.bytes....
std::string_view unit_in_name(std::string_view name) {
  for (std::string_view unit : {"ms", "seconds", "minutes", "hours", "bytes"}) {
    const std::vector<std::string_view> words = split(name, '.');
    if (words.back() == unit) return unit;
  }
  return {};
}

ConfigKey parse_key(const Columns& header, const Columns& fields) {
  ConfigKey key;
  key.name = column(header, fields, "name");
  key.type = parse_config_type(column(header, fields, "type"));
  key.validator = parse_validator(key.type, column(header, fields, "valid"));
  key.importance = parse_importance(column(header, fields, "importance"));
  key.update_mode = column(header, fields, "update_mode");
  key.broker_synonyms = column(header, fields, "broker_synonyms");
  key.internal = !column(header, fields, "internal").empty();
  key.unit = unit_in_name(key.name);
  const std::string_view text = column(header, fields, "default");
  key.required = text == "<required>";
  if (!key.required && text != "null") {
    key.default_value = parse_config_value(key.name, key.type, text == "\"\"" ? "" : text);
  }
  return key;
}

}  // namespace

ConfigDef parse_config_table(std::string_view table) {
  ConfigDef def;
  Columns header;
  int line_number = 0;
  for (std::string_view line : split(table, '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    Columns fields = split(line, '\t');
    if (header.empty()) {
      header = std::move(fields);
      continue;
    }
    try {
      def.define(parse_key(header, fields));
    } catch (const ConfigException& e) {
      throw ConfigException(fmt::format("configuration table, line {}: {}", line_number, e.what()));
    }
  }
  return def;
}

ConfigDef broker_config_def() { return parse_config_table(kBrokerConfigTable); }
ConfigDef topic_config_def() { return parse_config_table(kTopicConfigTable); }
ConfigDef producer_config_def() { return parse_config_table(kProducerConfigTable); }
ConfigDef consumer_config_def() { return parse_config_table(kConsumerConfigTable); }
ConfigDef admin_config_def() { return parse_config_table(kAdminConfigTable); }

}  // namespace kafkascope

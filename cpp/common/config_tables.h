// Kafka 3.9's configuration keys, read from the tables in configs/ that the build embeds.
#pragma once

#include <string_view>

#include "common/config_def.h"

namespace kafkascope {

/// Each call builds the whole table (up to 400 keys): keep what it returns.
ConfigDef broker_config_def();
ConfigDef topic_config_def();
ConfigDef producer_config_def();
ConfigDef consumer_config_def();
ConfigDef admin_config_def();

/// A table from text: a header line of column names, then a key a line, tabs between. Columns:
/// name, type, default
/// (<required>, null, "" or the value), valid, importance, update_mode, broker_synonyms, internal.
/// Throws ConfigException with the line's number.
ConfigDef parse_config_table(std::string_view table);

}  // namespace kafkascope

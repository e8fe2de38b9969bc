// The text of configs/*.tsv, put into the program by cmake (embedded_config_tables.cpp.in).
#pragma once

#include <string_view>

namespace kafkascope {

extern const std::string_view kBrokerConfigTable;
extern const std::string_view kTopicConfigTable;
extern const std::string_view kProducerConfigTable;
extern const std::string_view kConsumerConfigTable;
extern const std::string_view kAdminConfigTable;

}  // namespace kafkascope

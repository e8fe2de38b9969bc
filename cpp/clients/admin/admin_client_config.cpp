#include "clients/admin/admin_client_config.h"

#include "common/config_tables.h"

namespace kafkascope {

ConfigDef AdminClientConfig::definition() { return admin_config_def(); }

AdminClientConfig AdminClientConfig::parse(const ConfigMap& given) {
  const AbstractConfig config = definition().parse(given);
  AdminClientConfig admin;
  static_cast<CommonClientConfig&>(admin) = CommonClientConfig::read(config);
  admin.default_api_timeout = Milliseconds(config.get_int("default.api.timeout.ms"));
  admin.retries = config.get_int("retries");
  return admin;
}

}  // namespace kafkascope

// parse_properties: accepts or throws ConfigException; what it accepts survives writing and reading
// again.
#include <cstdint>
#include <cstdlib>

#include "common/errors.h"
#include "common/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto properties = kafkascope::parse_properties(text);
    if (kafkascope::parse_properties(kafkascope::format_properties(properties)) != properties)
      abort();
  } catch (const kafkascope::ConfigException&) {
  }
  return 0;
}

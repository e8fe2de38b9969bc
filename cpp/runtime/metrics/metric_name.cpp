#include "runtime/metrics/metric_name.h"

namespace kafkascope {

std::string MetricName::mbean() const {
  std::string text = domain + ":type=" + type + ",name=" + name;
  for (const auto& [key, value] : tags) text += "," + key + "=" + value;
  return text;
}

std::string MetricName::prometheus() const {
  std::string text = domain + "_" + type + "_" + name;
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!allowed) c = '_';
  }
  return text;
}

}  // namespace kafkascope

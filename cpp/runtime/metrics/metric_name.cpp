#include "runtime/metrics/metric_name.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace kafkascope {

namespace {

/// As Kafka's Sanitizer: in quotes where JMX would take a character for its own.
std::string jmx_sanitize(const std::string& value) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-%. \t").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (std::all_of(value.begin(), value.end(), plain)) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '*' || c == '?' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::string MetricName::mbean() const {
  std::string text = domain + ":type=" + type + ",name=" + name;
  for (const auto& [key, value] : tags) text += "," + key + "=" + jmx_sanitize(value);
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

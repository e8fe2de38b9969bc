#include "zookeeper/server/zk_path.h"

#include <cstdint>
#include <optional>

namespace kafkascope::zk {
namespace {

/// The code point at `at`, which moves behind it; nothing for bytes that are not UTF-8.
std::optional<uint32_t> next_code_point(std::string_view text, size_t& at) {
  const auto first = static_cast<uint8_t>(text[at++]);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4) return std::nullopt;
  uint32_t point = first & (0x3fU >> more);
  for (int i = 0; i < more; ++i) {
    if (at == text.size() || (static_cast<uint8_t>(text[at]) & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (static_cast<uint8_t>(text[at++]) & 0x3fU);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
  return overlong ? std::nullopt : std::optional(point);
}

bool is_allowed(uint32_t point) {
  return point > 0x1f && (point < 0x7f || point > 0x9f) && (point < 0xd800 || point > 0xf8ff) &&
         point < 0xfff0;
}

}  // namespace

bool is_valid_path(std::string_view path) {
  if (path.empty() || path[0] != '/') return false;
  if (path.size() == 1) return true;
  for (size_t at = 0; at < path.size();) {
    const std::optional<uint32_t> point = next_code_point(path, at);
    if (!point || !is_allowed(*point)) return false;
  }
  for (size_t begin = 1; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    if (name.empty() || name == "." || name == "..") return false;
    begin = end + 1;
  }
  return true;
}

std::string parent_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string name_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

std::string child_path(std::string_view parent, std::string_view name) {
  std::string path(parent == "/" ? "" : parent);
  return path.append("/").append(name);
}

}  // namespace kafkascope::zk

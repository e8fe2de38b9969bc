#include "log/log_file_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace kafkascope {
namespace {

constexpr size_t kOffsetDigits = 20;
constexpr size_t kMaxNameLength = 255;

template <typename T>
std::optional<T> parse_number(std::string_view digits) {
  const bool all_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  T value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!all_digits || error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::string log_file_path(const std::string& dir, Offset base_offset, const char* suffix) {
  return fmt::format("{}/{:020}{}", dir, base_offset, suffix);
}

std::optional<Offset> offset_of_file_name(const std::string& name, const char* suffix) {
  if (name.size() <= kOffsetDigits || name.substr(kOffsetDigits) != suffix) return std::nullopt;
  return parse_number<Offset>(std::string_view(name).substr(0, kOffsetDigits));
}

std::optional<TopicPartition> parse_topic_partition_name(const std::string& name) {
  const size_t dash = name.rfind('-');
  if (dash == std::string::npos || dash == 0) return std::nullopt;
  const auto partition = parse_number<PartitionIndex>(std::string_view(name).substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{name.substr(0, dash), *partition};
}

std::string file_name_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::optional<TopicPartition> parse_future_dir_name(const std::string& name) {
  const size_t dot = name.rfind('.');
  if (!name.ends_with(kFutureDirSuffix) || dot == std::string::npos) return std::nullopt;
  return parse_topic_partition_name(name.substr(0, dot));
}

std::string log_delete_dir_name(const TopicPartition& partition, const std::string& unique) {
  const std::string suffix = fmt::format("-{}.{}{}", partition.partition, unique, kDeleteDirSuffix);
  return partition.topic.substr(0, kMaxNameLength - suffix.size()) + suffix;
}

std::string log_future_dir_name(const TopicPartition& partition, const std::string& unique) {
  return fmt::format("{}.{}{}", partition.to_string(), unique, kFutureDirSuffix);
}

}  // namespace kafkascope

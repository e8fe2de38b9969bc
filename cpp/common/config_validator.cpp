#include "common/config_validator.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

constexpr std::string_view kIgnoreCase = "(case insensitive) ";
constexpr std::string_view kThrottled = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";

// Null is left to non_null, as in Kafka: a range says nothing about a value that is not there.
template <typename T>
ConfigValidator range(std::optional<T> lowest, std::optional<T> highest) {
  auto shown = [](T bound) { return config_value_text(ConfigValue(bound)); };
  ConfigValidator validator;
  validator.text =
      fmt::format("[{},...{}]", lowest ? shown(*lowest) : "", highest ? "," + shown(*highest) : "");
  validator.check = [=](const ConfigValue& value) -> std::string {
    const T* number = std::get_if<T>(&value);
    if (number == nullptr) return {};
    if (lowest && *number < *lowest) return "Value must be at least " + shown(*lowest);
    // The negation also refuses NaN.
    if (highest && !(*number <= *highest)) return "Value must be no more than " + shown(*highest);
    return {};
  };
  return validator;
}

bool is_replica(std::string_view item) {
  const std::vector<std::string_view> ends = split(item, ':');
  auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return ends.size() == 2 && is_number(ends[0]) && is_number(ends[1]);
}

template <typename T>
std::optional<T> parse_bound(ConfigType type, std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::get<T>(parse_config_value("bound", type, text));
}

ConfigValidator parse_range(ConfigType type, std::string_view text) {
  const size_t dots = text.find("...");
  const std::string_view lowest = text.substr(0, dots == 0 ? 0 : dots - 1);
  std::string_view highest = text.substr(dots + 3);
  if (highest.starts_with(',')) highest.remove_prefix(1);
  if (type == ConfigType::kDouble) {
    return between_doubles(parse_bound<double>(type, lowest), parse_bound<double>(type, highest));
  }
  return between(parse_bound<int64_t>(type, lowest), parse_bound<int64_t>(type, highest));
}

ConfigValidator parse_words(std::string_view text, bool ignore_case) {
  std::vector<std::string> words;
  for (std::string_view word : split(text, ',')) words.emplace_back(trim(word));
  return one_of(std::move(words), ignore_case);
}

}  // namespace

ConfigValidator between(std::optional<int64_t> lowest, std::optional<int64_t> highest) {
  return range(lowest, highest);
}

ConfigValidator between_doubles(std::optional<double> lowest, std::optional<double> highest) {
  return range(lowest, highest);
}

ConfigValidator one_of(std::vector<std::string> words, bool ignore_case) {
  ConfigValidator validator;
  const std::string shown = join(words, ", ");
  validator.text = fmt::format("{}[{}]", ignore_case ? kIgnoreCase : "", shown);
  validator.check = [words = std::move(words), shown, ignore_case](const ConfigValue& value) {
    auto known = [&](const std::string& text) {
      return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
        // Kafka also takes "2.8" for "2.8-IV0": a release for its first protocol.
        const bool release = !text.empty() && word.starts_with(text + "-IV");
        return release || (ignore_case ? equals_ignore_case(word, text) : word == text);
      });
    };
    const ConfigList* items = std::get_if<ConfigList>(&value);
    const bool accepted = items != nullptr ? std::all_of(items->begin(), items->end(), known)
                                           : known(config_value_text(value));
    return accepted ? std::string() : fmt::format("String must be one of: {}", shown);
  };
  return validator;
}

ConfigValidator non_null() {
  return {[](const ConfigValue& value) -> std::string {
            return value.index() == 0 ? "entry must be non null" : "";
          },
          "non-null string"};
}

ConfigValidator non_empty() {
  return {[](const ConfigValue& value) -> std::string {
            const auto* text = std::get_if<std::string>(&value);
            const auto* items = std::get_if<ConfigList>(&value);
            const bool empty = (text && text->empty()) || (items && items->empty());
            return empty ? "String must be non-empty" : "";
          },
          "non-empty string"};
}

ConfigValidator or_value(ConfigValidator validator, ConfigValue value) {
  const std::string shown = config_value_text(value);
  auto check = [inner = std::move(validator.check), value = std::move(value),
                shown](const ConfigValue& asked) {
    if (asked == value) return std::string();
    const std::string reason = inner(asked);
    return reason.empty() ? reason : fmt::format("{}, or {}", reason, shown);
  };
  return {std::move(check), fmt::format("{} or {}", validator.text, shown)};
}

ConfigValidator throttled_replicas() {
  return {[](const ConfigValue& value) -> std::string {
            const auto* items = std::get_if<ConfigList>(&value);
            if (items == nullptr || (items->size() == 1 && items->front() == "*")) return {};
            const bool valid = std::all_of(items->begin(), items->end(), is_replica);
            return valid ? "" : fmt::format("must be * or a list {}", kThrottled);
          },
          std::string(kThrottled)};
}

ConfigValidator parse_validator(ConfigType type, std::string_view text) {
  if (text.empty()) return {};
  if (text == kThrottled) return throttled_replicas();
  if (text == "non-null string") return non_null();
  if (text == "non-empty string" || text == "non-empty list") {
    ConfigValidator validator = non_empty();
    validator.text = text;
    return validator;
  }
  if (const size_t at = text.rfind("] or "); at != std::string_view::npos) {
    return or_value(parse_validator(type, text.substr(0, at + 1)),
                    parse_config_value("alternative", type, text.substr(at + 5)));
  }
  const bool ignore_case = text.starts_with(kIgnoreCase);
  std::string_view inside = ignore_case ? text.substr(kIgnoreCase.size()) : text;
  if (!inside.starts_with('[') || !inside.ends_with(']')) {
    throw ConfigException(fmt::format("cannot read the valid values '{}'", text));
  }
  inside = inside.substr(1, inside.size() - 2);
  return inside.find("...") != std::string_view::npos ? parse_range(type, inside)
                                                      : parse_words(inside, ignore_case);
}

}  // namespace kafkascope

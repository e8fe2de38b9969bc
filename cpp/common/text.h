// Small questions about text that parsers of configuration and commands ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kafkascope {

/// Without spaces, tabs and line ends at both ends.
std::string_view trim(std::string_view text);
/// The parts between separators; one empty part for empty text.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// ASCII letters only, so that no locale decides.
bool equals_ignore_case(std::string_view a, std::string_view b);

/// Insertions, deletions and replacements that turn one into the other (Levenshtein).
size_t edit_distance(std::string_view a, std::string_view b);
/// The candidate that was most likely meant: the nearest one, if it is near enough to be a slip;
/// the first of equals. Empty when none is.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace kafkascope

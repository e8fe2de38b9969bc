#include "common/properties.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"

namespace kafkascope {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

std::string_view without_leading_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

bool ends_in_continuation(std::string_view line) {
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

/// Hands out logical lines: comments and blank lines skipped, continuations joined, escapes still
/// in place.
class LogicalLines {
 public:
  explicit LogicalLines(std::string_view text) : rest_(text) {}

  bool next(std::string& logical) {
    logical.clear();
    while (!rest_.empty()) {
      std::string_view line = without_leading_blanks(next_natural_line());
      if (line.empty() || line.front() == '#' || line.front() == '!') continue;
      first_number_ = number_;
      while (ends_in_continuation(line)) {
        logical += line.substr(0, line.size() - 1);
        line = without_leading_blanks(next_natural_line());
      }
      logical += line;
      return true;
    }
    return false;
  }
  /// Where the logical line began.
  int number() const { return first_number_; }

 private:
  std::string_view next_natural_line() {
    ++number_;
    const size_t end = rest_.find_first_of("\r\n");
    const std::string_view line = rest_.substr(0, end);
    if (end == std::string_view::npos) {
      rest_ = {};
      return line;
    }
    const bool two = rest_.substr(end, 2) == "\r\n";
    rest_.remove_prefix(end + (two ? 2 : 1));
    return line;
  }

  std::string_view rest_;
  int number_ = 0;
  int first_number_ = 0;
};

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
            static_cast<char>(0x80 | (c & 0x3F))};
  } else {
    out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
            static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  }
}

uint32_t four_hex_digits(std::string_view text, size_t at, int line) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const char c = i < text.size() ? text[i] : '?';
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!digit && !letter) {
      throw ConfigException(
          fmt::format("line {}: \\u must be followed by four hexadecimal digits", line));
    }
    value = value * 16 + static_cast<uint32_t>(digit ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

/// Reads XXXX at `at`, and the second half of a surrogate pair if one follows. Returns where the
/// text goes on.
size_t append_unicode_escape(std::string& out, std::string_view text, size_t at, int line) {
  uint32_t c = four_hex_digits(text, at, line);
  at += 4;
  const bool high = c >= 0xD800 && c < 0xDC00;
  if (high && text.substr(at, 2) == "\\u") {
    const uint32_t low = four_hex_digits(text, at + 2, line);
    if (low >= 0xDC00 && low < 0xE000) {
      append_utf8(out, 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
      return at + 6;
    }
  }
  append_utf8(out, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);  // a lone half stands for no character
  return at;
}

std::string unescape(std::string_view text, int line) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i++];
      continue;
    }
    const char c = text[i + 1];
    i += 2;
    switch (c) {
      case 't':
        out += '\t';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u':
        i = append_unicode_escape(out, text, i, line);
        break;
      default:
        out += c;
    }
  }
  return out;
}

size_t end_of_key(std::string_view line) {
  size_t at = 0;
  while (at < line.size() && line[at] != '=' && line[at] != ':' && !is_blank(line[at])) {
    at += line[at] == '\\' ? 2 : 1;
  }
  return std::min(at, line.size());
}

void append_escaped(std::string& out, std::string_view text, bool is_key) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\f') {
      out += "\\f";
    } else {
      const bool separator = is_key && (c == '=' || c == ':' || c == ' ');
      const bool leading = i == 0 && (c == ' ' || c == '#' || c == '!');
      if (c == '\\' || separator || leading) out += '\\';
      out += c;
    }
  }
}

}  // namespace

std::map<std::string, std::string> parse_properties(std::string_view text) {
  std::map<std::string, std::string> properties;
  LogicalLines lines(text);
  for (std::string line; lines.next(line);) {
    const size_t key_end = end_of_key(line);
    std::string_view value = without_leading_blanks(std::string_view(line).substr(key_end));
    if (!value.empty() && (value.front() == '=' || value.front() == ':')) {
      value = without_leading_blanks(value.substr(1));
    }
    std::string key = unescape(std::string_view(line).substr(0, key_end), lines.number());
    properties[std::move(key)] = unescape(value, lines.number());
  }
  return properties;
}

std::string format_properties(const std::map<std::string, std::string>& properties) {
  std::string out;
  for (const auto& [key, value] : properties) {
    append_escaped(out, key, true);
    out += '=';
    append_escaped(out, value, false);
    out += '\n';
  }
  return out;
}

}  // namespace kafkascope

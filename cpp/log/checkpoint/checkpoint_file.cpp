#include "log/checkpoint/checkpoint_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "common/errors.h"
#include "common/text.h"
#include "runtime/file_system.h"

namespace kafkascope {
namespace {

[[noreturn]] void malformed(std::string_view name, size_t line, std::string_view text,
                            std::string_view right) {
  throw KafkaStorageException(
      fmt::format("{}: line {} is \"{}\": expected {}", name, line, text.substr(0, 80), right));
}

}  // namespace

int64_t checkpoint_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw KafkaStorageException(fmt::format("\"{}\" is not a number", text.substr(0, 40)));
  }
  return value;
}

std::vector<std::string_view> checkpoint_fields(std::string_view line, size_t fields) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < fields) {
    const size_t space = line.rfind(' ');
    if (space == line.npos) {
      throw KafkaStorageException(fmt::format("expected {} fields", fields));
    }
    parts.push_back(line.substr(space + 1));
    line = line.substr(0, space);
  }
  parts.push_back(line);
  std::reverse(parts.begin(), parts.end());
  return parts;
}

void parse_checkpoint(std::string_view name, std::string_view text, int expected_version,
                      const std::function<void(std::string_view line)>& entry) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  if (lines.size() < 2) malformed(name, lines.size() + 1, "", "a version and a count");
  const auto number_at = [&](size_t at, std::string_view right) {
    try {
      return checkpoint_number(trim(lines[at]));
    } catch (const KafkaStorageException&) {
      malformed(name, at + 1, lines[at], right);
    }
  };
  if (number_at(0, "the version") != expected_version) {
    malformed(name, 1, lines[0], fmt::format("version {}", expected_version));
  }
  const int64_t count = number_at(1, "the number of entries");
  if (count != static_cast<int64_t>(lines.size()) - 2) {
    malformed(name, 2, lines[1], fmt::format("{}, the entries that follow", lines.size() - 2));
  }
  for (size_t i = 2; i < lines.size(); ++i) {
    try {
      entry(lines[i]);
    } catch (const KafkaStorageException& e) {
      malformed(name, i + 1, lines[i], fmt::format("an entry ({})", e.what()));
    }
  }
}

std::string format_checkpoint(int version, const std::vector<std::string>& lines) {
  std::string text = fmt::format("{}\n{}\n", version, lines.size());
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void CheckpointFile::read(const std::function<void(std::string_view line)>& entry) const {
  if (!files_.exists(path_)) return;
  const ByteBuffer content = read_file(files_, path_);
  parse_checkpoint(path_, as_text(content), version_, entry);
}

void CheckpointFile::write(const std::vector<std::string>& lines) const {
  write_file_atomically(files_, path_, as_bytes(format_checkpoint(version_, lines)));
}

}  // namespace kafkascope

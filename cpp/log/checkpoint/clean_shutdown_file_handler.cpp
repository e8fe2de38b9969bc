#include "log/checkpoint/clean_shutdown_file_handler.h"

#include <fmt/core.h>

#include <charconv>

#include "runtime/file_system.h"

namespace kafkascope {

void CleanShutdownFileHandler::write(int64_t broker_epoch) {
  const std::string text = fmt::format("{{\"version\":0,\"brokerEpoch\":{}}}", broker_epoch);
  write_file_atomically(files_, path_, as_bytes(text));
}

bool CleanShutdownFileHandler::exists() const { return files_.exists(path_); }

void CleanShutdownFileHandler::remove() {
  if (files_.remove(path_)) files_.sync_dir(dir_);
}

std::optional<int64_t> CleanShutdownFileHandler::read() const {
  if (!exists()) return std::nullopt;
  constexpr std::string_view kKey = "\"brokerEpoch\":";
  const ByteBuffer content = read_file(files_, path_);
  const std::string_view text = as_text(content);
  const size_t at = text.find(kKey);
  if (at == text.npos) return std::nullopt;
  int64_t epoch = 0;
  const char* first = text.data() + at + kKey.size();
  const auto [end, error] = std::from_chars(first, text.data() + text.size(), epoch);
  return error == std::errc() ? std::optional(epoch) : std::nullopt;
}

}  // namespace kafkascope

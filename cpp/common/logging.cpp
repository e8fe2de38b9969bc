#include "common/logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>

#include "common/errors.h"

namespace kafkascope {
namespace {

constexpr size_t kMaxLine = 1024;

LogLevel initial_level() {
  const char* word = std::getenv("KAFKASCOPE_LOG");
  return word != nullptr ? parse_log_level(word) : LogLevel::kWarn;
}

std::atomic<LogLevel>& level_cell() {
  static std::atomic<LogLevel> level = initial_level();
  return level;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>(
        "kafkascope", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("[%Y-%m-%d %H:%M:%S.%e] %^%l%$ %v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::warn);
    return made;
  }();
  return *instance;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kMaxLine)) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void set_log_level(LogLevel level) { level_cell() = level; }
LogLevel log_level() { return level_cell().load(std::memory_order_relaxed); }

LogLevel parse_log_level(std::string_view word) {
  constexpr std::string_view kWords[] = {"trace", "debug", "info", "warn", "error", "off"};
  for (size_t i = 0; i < std::size(kWords); ++i) {
    if (word == kWords[i]) return static_cast<LogLevel>(i);
  }
  throw ConfigException(
      fmt::format("log level '{}': expected trace, debug, info, warn, error or off", word));
}

void log_line(LogLevel level, std::string_view source, std::string_view text) {
  const auto spd_level =
      level == LogLevel::kOff ? spdlog::level::off : static_cast<spdlog::level::level_enum>(level);
  logger().log(spd_level, "{} {}", source, escaped(text));
}

}  // namespace kafkascope

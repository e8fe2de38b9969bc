// The program's log. spdlog stands behind it in logging.cpp only.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace kafkascope {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };

/// Lines below this level are not even formatted. Starts at kWarn; also set by
/// KAFKASCOPE_LOG=debug|info|...
void set_log_level(LogLevel level);
LogLevel log_level();
/// "info" -> kInfo; throws ConfigException for other words than trace, debug, info, warn, error,
/// off.
LogLevel parse_log_level(std::string_view word);
/// One line. Control characters are escaped and the text is cut at 1 KiB: clients' text gets into
/// logs.
void log_line(LogLevel level, std::string_view source, std::string_view text);

}  // namespace kafkascope

/// KS_LOG(kWarn, node.name(), "closing {}: {}", peer, reason)
#define KS_LOG(level, source, ...)                                                             \
  do {                                                                                         \
    if (::kafkascope::LogLevel::level >= ::kafkascope::log_level()) [[unlikely]]               \
      ::kafkascope::log_line(::kafkascope::LogLevel::level, source, fmt::format(__VA_ARGS__)); \
  } while (false)

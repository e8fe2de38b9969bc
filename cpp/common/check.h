// KS_CHECK: assertions that stay on in release builds. A failed one is a bug of ours, never bad
// input.
#pragma once

#include <string>

namespace kafkascope {

/// Prints the failed condition, its message and, in a simulation, node, turn and seed; then aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               const std::string& message);

/// Set by the simulation to add "node, turn, seed" to what check_failed prints. Returns the text to
/// add.
using CheckContext = std::string (*)();
void set_check_context(CheckContext context);

}  // namespace kafkascope

/// KS_CHECK(condition) or KS_CHECK(condition, message string): aborts with both when the condition
/// is false.
#define KS_CHECK(condition, ...)                                                            \
  do {                                                                                      \
    if (!(condition)) [[unlikely]]                                                          \
      ::kafkascope::check_failed(__FILE__, __LINE__, #condition, std::string{__VA_ARGS__}); \
  } while (false)

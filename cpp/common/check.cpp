#include "common/check.h"

#include <cstdio>
#include <cstdlib>

namespace kafkascope {
namespace {
CheckContext check_context = nullptr;
}

void set_check_context(CheckContext context) { check_context = context; }

void check_failed(const char* file, int line, const char* condition, const std::string& message) {
  const std::string where = check_context != nullptr ? check_context() : std::string();
  std::fprintf(stderr, "%s:%d: KS_CHECK(%s) failed. %s %s\n", file, line, condition,
               message.c_str(), where.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace kafkascope

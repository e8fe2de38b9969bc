#include "common/error_code.h"

namespace kafkascope {
namespace {

struct Row {
  std::string_view name;
  std::string_view exception;
  bool retriable;
  bool invalid_metadata;
};

constexpr Row kRows[] = {
#define KS_ERROR_ROW(code, id, name, exception, retriable, stale) \
  {name, exception, retriable, stale},
    KS_ERROR_CODES(KS_ERROR_ROW)
#undef KS_ERROR_ROW
};
constexpr int kFirstCode = -1;
constexpr int kRowCount = static_cast<int>(std::size(kRows));

// The table holds consecutive codes, so a code is its row's index plus one.
const Row& row(ErrorCode code) {
  const int index = static_cast<int>(code) - kFirstCode;
  return index >= 0 && index < kRowCount ? kRows[index] : kRows[0];
}

}  // namespace

std::string_view error_name(ErrorCode code) { return row(code).name; }
std::string_view error_exception_name(ErrorCode code) { return row(code).exception; }
bool is_retriable(ErrorCode code) { return row(code).retriable; }
bool is_invalid_metadata(ErrorCode code) { return row(code).invalid_metadata; }

ErrorCode error_code_from_wire(int16_t code) {
  const int index = code - kFirstCode;
  return index >= 0 && index < kRowCount ? static_cast<ErrorCode>(code)
                                         : ErrorCode::kUnknownServerError;
}

}  // namespace kafkascope

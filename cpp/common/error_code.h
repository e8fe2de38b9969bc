// ErrorCode: the vocabulary of errors, on the wire and inside (Kafka's
// org.apache.kafka.common.protocol.Errors).
#pragma once

#include <cstdint>
#include <string_view>

#include "common/error_code_table.h"

namespace kafkascope {

enum class ErrorCode : int16_t {
#define KS_ERROR_ENUM(code, name, ...) name = code,
  KS_ERROR_CODES(KS_ERROR_ENUM)
#undef KS_ERROR_ENUM
};

/// "NOT_LEADER_OR_FOLLOWER"; "UNKNOWN_SERVER_ERROR" for a code that is not in the table.
std::string_view error_name(ErrorCode code);
/// Kafka's exception class for the code, "NotLeaderOrFollowerException"; empty for NONE.
std::string_view error_exception_name(ErrorCode code);
/// May the same request succeed later without any change?
bool is_retriable(ErrorCode code);
/// Must a client fetch metadata again before it retries?
bool is_invalid_metadata(ErrorCode code);
/// The code for a number from the wire; numbers outside the table become kUnknownServerError.
ErrorCode error_code_from_wire(int16_t code);

}  // namespace kafkascope

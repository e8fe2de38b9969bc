#include "record/codecs.h"

#include <fmt/core.h>

#include "common/errors.h"

namespace kafkascope::codecs {

void corrupt(const char* codec, const std::string& reason) {
  throw KafkaException(ErrorCode::kCorruptMessage, fmt::format("{}: {}", codec, reason));
}

}  // namespace kafkascope::codecs

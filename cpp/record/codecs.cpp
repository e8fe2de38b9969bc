#include "record/codecs.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/errors.h"

namespace kafkascope::codecs {
namespace {

constexpr size_t kFirstOutput = 16 * 1024;

}  // namespace

void corrupt(const char* codec, const std::string& reason) {
  throw KafkaException(ErrorCode::kCorruptMessage, fmt::format("{}: {}", codec, reason));
}

BoundedOutput::BoundedOutput(const char* codec, ByteBuffer buffer, size_t expected, size_t limit)
    : codec_(codec),
      buffer_(std::move(buffer)),
      first_(std::max(kFirstOutput, expected)),
      limit_(std::min(limit, SIZE_MAX - 1)) {
  buffer_.clear();
}

void BoundedOutput::refuse() const {
  corrupt(codec_, fmt::format("decompresses to more than {} bytes", limit_));
}

MutableByteView BoundedOutput::room() {
  // One byte beyond the limit tells data that ends there from data that goes on.
  if (produced_ == buffer_.size())
    buffer_.resize(std::min(std::max(first_, buffer_.size() * 2), limit_ + 1));
  return MutableByteView(buffer_).subspan(produced_);
}

MutableByteView BoundedOutput::room_for(size_t count) {
  if (count > limit_ - produced_) refuse();
  if (count > buffer_.size() - produced_) buffer_.resize(produced_ + count);
  return MutableByteView(buffer_).subspan(produced_, count);
}

void BoundedOutput::advance(size_t count) {
  produced_ += count;
  if (produced_ > limit_) refuse();
}

ByteBuffer BoundedOutput::take() {
  buffer_.resize(produced_);
  return std::move(buffer_);
}

}  // namespace kafkascope::codecs

#include "network/kafka_channel.h"

namespace kafkascope {
namespace {

// Less than this of a frame left: read with what follows it.
constexpr size_t kDirectRead = 4096;

}  // namespace

IoResult KafkaChannel::read(MutableByteView scratch) {
  if (const MutableByteView space = receive_.space(); space.size() >= kDirectRead) {
    IoResult result = connection->read(space);
    if (result.status == IoStatus::kOk) receive_.fed(result.bytes);
    return result;
  }
  IoResult result = connection->read(scratch);
  if (result.status == IoStatus::kOk) {
    leftover_.insert(leftover_.end(), scratch.begin(),
                     scratch.begin() + static_cast<ptrdiff_t>(result.bytes));
  }
  return result;
}

std::optional<SharedSlice> KafkaChannel::next_frame() {
  if (!receive_.complete() && (!leftover_.empty() || receive_.starved())) {
    const size_t taken = receive_.feed(leftover_);
    leftover_.erase(leftover_.begin(), leftover_.begin() + static_cast<ptrdiff_t>(taken));
  }
  if (!receive_.complete()) return std::nullopt;
  return receive_.take();
}

}  // namespace kafkascope

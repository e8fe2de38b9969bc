// lz4 frames by liblz4. Its header checksum is repaired around it for Kafka's message format 0.
#define XXH_INLINE_ALL
#include <lz4frame.h>
#include <lz4hc.h>
#include <xxhash.h>

#include <algorithm>
#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr size_t kMagicSize = 4;
constexpr int kFastestHighCompression = 3;

/// Bytes of the frame header before its checksum: magic, flags, block descriptor, and an optional
/// content size.
size_t header_size(ByteView frame) {
  const bool has_content_size = frame.size() > kMagicSize && (frame[kMagicSize] & 0x08) != 0;
  return kMagicSize + 2 + (has_content_size ? 8 : 0);
}

uint8_t checksum(ByteView bytes) {
  return static_cast<uint8_t>(XXH32(bytes.data(), bytes.size(), 0) >> 8);
}

/// A copy with the right checksum where the frame has the one of Kafka's first lz4; else the frame
/// itself.
ByteView repaired(ByteView frame, ByteBuffer& copy) {
  const size_t size = header_size(frame);
  if (frame.size() <= size) return frame;
  const uint8_t right = checksum(frame.subspan(kMagicSize, size - kMagicSize));
  if (frame[size] == right || frame[size] != checksum(frame.subspan(0, size))) return frame;
  copy.assign(frame.begin(), frame.end());
  copy[size] = right;
  return copy;
}

class Lz4Decompressor : public Decompressor {
 public:
  explicit Lz4Decompressor(ByteView compressed) : rest_(repaired(compressed, copy_)) {
    LZ4F_dctx* raw = nullptr;
    KS_CHECK(!LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)), "lz4 context");
    context_.reset(raw);
  }
  size_t read(MutableByteView into) override {
    size_t written = 0;
    while (written == 0 && hint_ != 0) {
      written = into.size();
      size_t taken = rest_.size();
      hint_ = LZ4F_decompress(context_.get(), into.data(), &written, rest_.data(), &taken, nullptr);
      if (LZ4F_isError(hint_)) corrupt("lz4", LZ4F_getErrorName(hint_));
      if (written == 0 && taken == 0) corrupt("lz4", "truncated");
      rest_ = rest_.subspan(taken);
    }
    return written;
  }

 private:
  ByteBuffer copy_;  // of a frame whose header had to be repaired
  ByteView rest_;
  std::unique_ptr<LZ4F_dctx, LZ4F_errorCode_t (*)(LZ4F_dctx*)> context_{
      nullptr, LZ4F_freeDecompressionContext};
  size_t hint_ = 1;  // 0 at the end of the frame
};

}  // namespace

void lz4_compress(int level, bool broken_checksum, ByteView plain, ByteBuffer& out) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  // Kafka's level 9 is its own default and means the fast compressor; others choose high
  // compression.
  preferences.compressionLevel = level == 9 ? 0 : std::max(level, kFastestHighCompression);
  const size_t begin = out.size();
  out.resize(begin + LZ4F_compressFrameBound(plain.size(), &preferences));
  const size_t size = LZ4F_compressFrame(out.data() + begin, out.size() - begin, plain.data(),
                                         plain.size(), &preferences);
  KS_CHECK(!LZ4F_isError(size), LZ4F_getErrorName(size));
  out.resize(begin + size);
  if (broken_checksum) {
    const ByteView frame = ByteView(out).subspan(begin);
    out[begin + header_size(frame)] = checksum(frame.subspan(0, header_size(frame)));
  }
}

std::unique_ptr<Decompressor> lz4_decompressor(ByteView compressed) {
  return std::make_unique<Lz4Decompressor>(compressed);
}

}  // namespace kafkascope::codecs

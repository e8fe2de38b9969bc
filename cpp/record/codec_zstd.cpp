// zstd, as one frame.
#include <zstd.h>

#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr int kMaxWindowLog = 27;  // 128 MiB, the most that zstd itself takes by default
constexpr uint64_t kMaxMemory = 8 * 1024 * 1024;  // that a window may fill

/// What the frame's header (RFC 8878, 3.1.1.1) asks the decoder to remember; 0 for what is none.
uint64_t window_of(ByteView frame) {
  constexpr size_t kDescriptor = 4;  // behind the magic number
  constexpr uint8_t kSingleSegment = 0x20;
  if (frame.size() < kDescriptor + 2) return 0;
  if ((frame[kDescriptor] & kSingleSegment) != 0) {
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    return size >= ZSTD_CONTENTSIZE_ERROR ? 0 : size;
  }
  const uint8_t window = frame[kDescriptor + 1];
  const uint64_t base = uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7);
}

class ZstdDecompressor : public Decompressor {
 public:
  explicit ZstdDecompressor(ByteView compressed)
      : context_(ZSTD_createDCtx(), ZSTD_freeDCtx), in_{compressed.data(), compressed.size(), 0} {
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  size_t read(MutableByteView into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0 && (left_ != 0 || in_.pos < in_.size)) {
      if (left_ == 0 || in_.pos == 0) begin_frame();
      const size_t before = in_.pos;
      left_ = ZSTD_decompressStream(context_.get(), &out, &in_);
      if (ZSTD_isError(left_)) corrupt("zstd", ZSTD_getErrorName(left_));
      if (out.pos == 0 && in_.pos == before) corrupt("zstd", "truncated");
    }
    produced_ += out.pos;
    if (large_window_ && produced_ > kMaxMemory)
      corrupt("zstd", "more than 8 MiB of data need a window of more than 8 MiB");
    return out.pos;
  }

 private:
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_;
  /// A window takes memory as far as it is filled: a large one may be declared, but not filled.
  void begin_frame() {
    produced_ = 0;
    large_window_ = window_of({static_cast<const uint8_t*>(in_.src) + in_.pos,
                               in_.size - in_.pos}) > kMaxMemory;
  }

  ZSTD_inBuffer in_;
  uint64_t produced_ = 0;  // of this frame
  bool large_window_ = false;
  size_t left_ = 1;  // of the frame; 0 at its end
};

}  // namespace

void zstd_compress(int level, ByteView plain, ByteBuffer& out) {
  const size_t begin = out.size();
  out.resize(begin + ZSTD_compressBound(plain.size()));
  const size_t size =
      ZSTD_compress(out.data() + begin, out.size() - begin, plain.data(), plain.size(), level);
  KS_CHECK(!ZSTD_isError(size), ZSTD_getErrorName(size));
  out.resize(begin + size);
}

std::unique_ptr<Decompressor> zstd_decompressor(ByteView compressed) {
  return std::make_unique<ZstdDecompressor>(compressed);
}

}  // namespace kafkascope::codecs

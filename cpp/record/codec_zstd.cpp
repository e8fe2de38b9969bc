// zstd, as one frame.
#include <zstd.h>

#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr int kMaxWindowLog = 27;  // 128 MiB, the most that zstd itself takes by default

class ZstdDecompressor : public Decompressor {
 public:
  explicit ZstdDecompressor(ByteView compressed)
      : context_(ZSTD_createDCtx(), ZSTD_freeDCtx), in_{compressed.data(), compressed.size(), 0} {
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }
  size_t read(MutableByteView into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0 && (left_ != 0 || in_.pos < in_.size)) {
      const size_t before = in_.pos;
      left_ = ZSTD_decompressStream(context_.get(), &out, &in_);
      if (ZSTD_isError(left_)) corrupt("zstd", ZSTD_getErrorName(left_));
      if (out.pos == 0 && in_.pos == before) corrupt("zstd", "truncated");
    }
    return out.pos;
  }

 private:
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context_;
  ZSTD_inBuffer in_;
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

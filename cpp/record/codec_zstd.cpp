// zstd, as one frame.
#include <fmt/core.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr size_t kFirstOutput = 64 * 1024;
constexpr int kMaxWindowLog = 27;  // 128 MiB, the most that zstd itself takes by default

}  // namespace

void zstd_compress(int level, ByteView plain, ByteBuffer& out) {
  const size_t begin = out.size();
  out.resize(begin + ZSTD_compressBound(plain.size()));
  const size_t size =
      ZSTD_compress(out.data() + begin, out.size() - begin, plain.data(), plain.size(), level);
  KS_CHECK(!ZSTD_isError(size), ZSTD_getErrorName(size));
  out.resize(begin + size);
}

ByteBuffer zstd_decompress(ByteView compressed, size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  const unsigned long long declared =
      ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR) corrupt("zstd", "no frame");
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  ByteBuffer out;
  size_t produced = 0;
  size_t left = 1;
  while (left != 0) {
    if (produced == out.size())
      grow("zstd", out, std::max(kFirstOutput, out.size() * 2), std::max(limit, kFirstOutput));
    ZSTD_outBuffer piece{out.data() + produced, out.size() - produced, 0};
    const size_t before = in.pos;
    left = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(left)) corrupt("zstd", ZSTD_getErrorName(left));
    if (piece.pos == 0 && in.pos == before && produced < out.size()) corrupt("zstd", "truncated");
    produced += piece.pos;
  }
  if (produced > limit) corrupt("zstd", fmt::format("decompresses to more than {} bytes", limit));
  out.resize(produced);
  return out;
}

}  // namespace kafkascope::codecs

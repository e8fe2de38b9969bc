// zstd, as one frame.
#include <zstd.h>

#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

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

void zstd_decompress(ByteView compressed, BoundedOutput& out) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  size_t left = 1;
  while (left != 0 || in.pos < in.size) {
    const MutableByteView room = out.room();
    ZSTD_outBuffer piece{room.data(), room.size(), 0};
    const size_t before = in.pos;
    left = ZSTD_decompressStream(context.get(), &piece, &in);
    if (ZSTD_isError(left)) corrupt("zstd", ZSTD_getErrorName(left));
    if (piece.pos == 0 && in.pos == before) corrupt("zstd", "truncated");
    out.advance(piece.pos);
  }
}

}  // namespace kafkascope::codecs

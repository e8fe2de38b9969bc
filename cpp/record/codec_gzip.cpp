// gzip by zlib.
#include <zlib.h>

#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip header

bool starts_member(const z_stream& stream) {
  return stream.avail_in >= 2 && stream.next_in[0] == 0x1f && stream.next_in[1] == 0x8b;
}

}  // namespace

void gzip_compress(int level, ByteView plain, ByteBuffer& out) {
  z_stream stream{};
  const int ready = deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  KS_CHECK(ready == Z_OK, "deflateInit2");
  const size_t begin = out.size();
  out.resize(begin + deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<uint8_t*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data() + begin;
  stream.avail_out = static_cast<uInt>(out.size() - begin);
  const int done = deflate(&stream, Z_FINISH);
  out.resize(begin + stream.total_out);
  deflateEnd(&stream);
  KS_CHECK(done == Z_STREAM_END, "deflate");
}

void gzip_decompress(ByteView compressed, BoundedOutput& out) {
  z_stream stream{};
  KS_CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK, "inflateInit2");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream, inflateEnd);
  stream.next_in = const_cast<uint8_t*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  for (int state = Z_OK; state != Z_STREAM_END || starts_member(stream);) {
    if (state == Z_STREAM_END) inflateReset(&stream);
    const MutableByteView room = out.room();
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END)
      corrupt("gzip", stream.msg != nullptr ? stream.msg : "truncated");
    out.advance(room.size() - stream.avail_out);
    if (state == Z_OK && stream.avail_in == 0 && stream.avail_out > 0) corrupt("gzip", "truncated");
  }
}

}  // namespace kafkascope::codecs

// gzip by zlib.
#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "common/errors.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip header
constexpr size_t kFirstOutput = 16 * 1024;

}  // namespace

void corrupt(const char* codec, const std::string& reason) {
  throw KafkaException(ErrorCode::kCorruptMessage, fmt::format("{}: {}", codec, reason));
}

void grow(const char* codec, ByteBuffer& out, size_t needed, size_t limit) {
  if (needed > limit) corrupt(codec, fmt::format("decompresses to more than {} bytes", limit));
  out.resize(needed);
}

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

ByteBuffer gzip_decompress(ByteView compressed, size_t limit) {
  z_stream stream{};
  KS_CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK, "inflateInit2");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> closer(&stream, inflateEnd);
  stream.next_in = const_cast<uint8_t*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  ByteBuffer out;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    const size_t produced = stream.total_out;
    if (produced == out.size())
      grow("gzip", out, std::max({kFirstOutput, out.size() * 2, compressed.size() * 2}), limit);
    stream.next_out = out.data() + produced;
    stream.avail_out = static_cast<uInt>(out.size() - produced);
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END)
      corrupt("gzip", stream.msg != nullptr ? stream.msg : "truncated");
    if (state == Z_OK && stream.avail_in == 0 && stream.avail_out > 0) corrupt("gzip", "truncated");
  }
  out.resize(stream.total_out);
  return out;
}

}  // namespace kafkascope::codecs

// gzip by zlib.
#include <zlib.h>

#include <memory>

#include "common/check.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr int kGzipWindow = 15 + 16;  // 32 KiB window, gzip header

class GzipDecompressor : public Decompressor {
 public:
  explicit GzipDecompressor(ByteView compressed) {
    KS_CHECK(inflateInit2(&stream_, kGzipWindow) == Z_OK, "inflateInit2");
    stream_.next_in = const_cast<uint8_t*>(compressed.data());
    stream_.avail_in = static_cast<uInt>(compressed.size());
  }
  ~GzipDecompressor() override { inflateEnd(&stream_); }
  GzipDecompressor(const GzipDecompressor&) = delete;
  GzipDecompressor& operator=(const GzipDecompressor&) = delete;

  size_t read(MutableByteView into) override {
    stream_.next_out = into.data();
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out == into.size()) {
      if (state_ == Z_STREAM_END) {
        if (!starts_member()) return 0;
        inflateReset(&stream_);
      }
      state_ = inflate(&stream_, Z_NO_FLUSH);
      if (state_ != Z_OK && state_ != Z_STREAM_END)
        corrupt("gzip", stream_.msg != nullptr ? stream_.msg : "truncated");
    }
    return into.size() - stream_.avail_out;
  }

 private:
  bool starts_member() const {
    return stream_.avail_in >= 2 && stream_.next_in[0] == 0x1f && stream_.next_in[1] == 0x8b;
  }

  z_stream stream_{};
  int state_ = Z_OK;
};

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

std::unique_ptr<Decompressor> gzip_decompressor(ByteView compressed) {
  return std::make_unique<GzipDecompressor>(compressed);
}

}  // namespace kafkascope::codecs

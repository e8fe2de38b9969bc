// snappy in the blocks of xerial's snappy-java, which all Kafka clients write.
#include <snappy.h>

#include <algorithm>
#include <memory>

#include "common/byte_reader.h"
#include "common/byte_writer.h"
#include "record/codecs.h"
#include "record/compression.h"

namespace kafkascope::codecs {
namespace {

constexpr uint8_t kXerialMagic[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr size_t kXerialHeader = sizeof(kXerialMagic) + 8;  // and two versions
constexpr size_t kBlock = 32 * 1024;
// A snappy element of 3 bytes copies at most 64, and none is better: nothing real expands more.
constexpr size_t kMaxExpansion = 22;

class SnappyDecompressor : public Decompressor {
 public:
  explicit SnappyDecompressor(ByteView compressed) : reader_(compressed) {
    xerial_ = compressed.size() >= kXerialHeader &&
              std::equal(std::begin(kXerialMagic), std::end(kXerialMagic), compressed.begin());
    if (xerial_) reader_.skip(kXerialHeader);
    if (compressed.empty()) corrupt("snappy", "block without a length");
  }
  size_t read(MutableByteView into) override {
    while (taken_ == block_size_) {
      if (reader_.at_end()) return 0;
      const size_t size = next_block();
      // Straight to where it is wanted, when there is room for all of it.
      if (size > into.size()) {
        block_.reset(new uint8_t[size]);  // not cleared: junk that declares much touches little
        block_size_ = size;
        taken_ = 0;
        uncompress({block_.get(), size});
      } else if (size > 0) {
        uncompress(into.subspan(0, size));
        return size;
      }
    }
    const size_t count = std::min(into.size(), block_size_ - taken_);
    std::copy_n(block_.get() + taken_, count, into.begin());
    taken_ += count;
    return count;
  }

 private:
  /// Its plain size.
  size_t next_block() {
    if (xerial_) {
      if (reader_.remaining() < 4) corrupt("snappy", "truncated");
      const uint32_t size = reader_.read_uint32();
      if (size > reader_.remaining()) corrupt("snappy", "block is longer than the data");
      compressed_ = reader_.read_bytes(size);
    } else {
      compressed_ = reader_.read_bytes(reader_.remaining());
    }
    size_t size = 0;
    if (!snappy::GetUncompressedLength(chars(compressed_), compressed_.size(), &size))
      corrupt("snappy", "block without a length");
    if (size > compressed_.size() * kMaxExpansion || size > kMaxDecompressedSize)
      corrupt("snappy", "block declares more than it can hold");
    if (size == 0) uncompress({});
    return size;
  }
  void uncompress(MutableByteView into) const {
    if (!snappy::RawUncompress(chars(compressed_), compressed_.size(),
                               reinterpret_cast<char*>(into.data()))) {
      corrupt("snappy", "broken block");
    }
  }
  static const char* chars(ByteView bytes) { return reinterpret_cast<const char*>(bytes.data()); }

  ByteReader reader_;
  bool xerial_ = false;
  ByteView compressed_;               // the current block
  std::unique_ptr<uint8_t[]> block_;  // its plain bytes, when they did not fit
  size_t block_size_ = 0;
  size_t taken_ = 0;
};

}  // namespace

void snappy_compress(ByteView plain, ByteBuffer& out) {
  ByteWriter header(kXerialHeader);
  header.write_bytes(kXerialMagic);
  header.write_int32(1);
  header.write_int32(1);
  out.insert(out.end(), header.view().begin(), header.view().end());
  for (size_t at = 0; at < plain.size(); at += kBlock) {
    const ByteView block = plain.subspan(at, std::min(kBlock, plain.size() - at));
    const size_t begin = out.size();
    out.resize(begin + 4 + snappy::MaxCompressedLength(block.size()));
    size_t size = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(block.data()), block.size(),
                        reinterpret_cast<char*>(out.data() + begin + 4), &size);
    for (int i = 0; i < 4; ++i) out[begin + i] = static_cast<uint8_t>(size >> (24 - 8 * i));
    out.resize(begin + 4 + size);
  }
}

std::unique_ptr<Decompressor> snappy_decompressor(ByteView compressed) {
  return std::make_unique<SnappyDecompressor>(compressed);
}

}  // namespace kafkascope::codecs

// snappy in the blocks of xerial's snappy-java, which all Kafka clients write.
#include <snappy.h>

#include <algorithm>

#include "common/byte_reader.h"
#include "common/byte_writer.h"
#include "record/codecs.h"

namespace kafkascope::codecs {
namespace {

constexpr uint8_t kXerialMagic[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr size_t kXerialHeader = sizeof(kXerialMagic) + 8;  // and two versions
constexpr size_t kBlock = 32 * 1024;
// A snappy element of 3 bytes copies at most 64: nothing real expands more.
constexpr size_t kMaxExpansion = 64;

void append_block(ByteView block, BoundedOutput& out) {
  const auto* data = reinterpret_cast<const char*>(block.data());
  size_t size = 0;
  if (!snappy::GetUncompressedLength(data, block.size(), &size))
    corrupt("snappy", "block without a length");
  if (size > block.size() * kMaxExpansion)
    corrupt("snappy", "block declares more than it can hold");
  auto* room = reinterpret_cast<char*>(out.room_for(size).data());
  if (!snappy::RawUncompress(data, block.size(), room)) corrupt("snappy", "broken block");
  out.advance(size);
}

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

void snappy_decompress(ByteView compressed, BoundedOutput& out) {
  const bool xerial =
      compressed.size() >= kXerialHeader &&
      std::equal(std::begin(kXerialMagic), std::end(kXerialMagic), compressed.begin());
  if (!xerial) return append_block(compressed, out);
  ByteReader reader(compressed.subspan(kXerialHeader));
  while (!reader.at_end()) {
    if (reader.remaining() < 4) corrupt("snappy", "truncated");
    const uint32_t size = reader.read_uint32();
    if (size > reader.remaining()) corrupt("snappy", "block is longer than the data");
    append_block(reader.read_bytes(size), out);
  }
}

}  // namespace kafkascope::codecs

#include "zookeeper/server/sha1.h"

#include <bit>

#include "common/byte_reader.h"
#include "common/byte_writer.h"

namespace kafkascope::zk {
namespace {

constexpr size_t kBlock = 64;

void add_block(std::array<uint32_t, 5>& hash, ByteView block) {
  uint32_t w[80];
  ByteReader in(block);
  for (int i = 0; i < 16; ++i) w[i] = in.read_uint32();
  for (int i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  auto [a, b, c, d, e] = hash;
  for (int i = 0; i < 80; ++i) {
    uint32_t mixed = (b ^ c ^ d) + (i < 40 ? 0x6ed9eba1 : 0xca62c1d6);
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
    if (i >= 40 && i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    const uint32_t next = std::rotl(a, 5) + mixed + e + w[i];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  hash = {hash[0] + a, hash[1] + b, hash[2] + c, hash[3] + d, hash[4] + e};
}

}  // namespace

std::array<uint8_t, 20> sha1(ByteView message) {
  ByteWriter padded(message.size() + 2 * kBlock);
  padded.write_bytes(message);
  padded.write_uint8(0x80);
  while (padded.size() % kBlock != kBlock - 8) padded.write_uint8(0);
  padded.write_int64(static_cast<int64_t>(message.size() * 8));
  std::array<uint32_t, 5> hash = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (size_t at = 0; at < padded.size(); at += kBlock)
    add_block(hash, padded.view().subspan(at, kBlock));
  std::array<uint8_t, 20> bytes;
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(hash[i / 4] >> (24 - 8 * (i % 4)));
  return bytes;
}

}  // namespace kafkascope::zk

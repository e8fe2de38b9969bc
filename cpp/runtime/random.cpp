#include "runtime/random.h"

#include <bit>

#include "common/check.h"

namespace kafkascope {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): spreads a seed over the state of the generator below.
uint64_t split_mix(uint64_t& state) {
  uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

RandomStream::RandomStream(uint64_t seed, std::string_view name) {
  for (char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  for (uint64_t& word : state_) word = split_mix(seed);
}

// xoshiro256** (Blackman, Vigna 2018).
uint64_t RandomStream::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t RandomStream::below(uint64_t bound) {
  KS_CHECK(bound > 0);
  const uint64_t unfair = -bound % bound;  // draws below this would favour small results
  for (;;) {
    const uint64_t draw = next();
    if (draw >= unfair) return draw % bound;
  }
}

double RandomStream::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

}  // namespace kafkascope

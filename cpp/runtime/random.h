// Random: the fifth seam. Named streams, so that one reader's draws do not shift another's.
#pragma once

#include <cstdint>
#include <string_view>

namespace kafkascope {

/// One stream of random numbers. Streams made from equal seeds and names give equal numbers on
/// every machine, so nothing of <random>'s distributions is used. Not for several threads at once.
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view name);
  /// 64 random bits.
  uint64_t next();
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound);
  /// Uniform in [0, 1).
  double uniform();
  bool chance(double probability) { return uniform() < probability; }

 private:
  uint64_t state_[4];
};

/// A node's source of streams. In a real run seeded from the operating system, in a simulation from
/// the seed.
class Random {
 public:
  explicit Random(uint64_t seed) : seed_(seed) {}
  RandomStream stream(std::string_view name) const { return {seed_, name}; }

 private:
  uint64_t seed_;
};

}  // namespace kafkascope

#include "clients/producer/partitioner.h"

#include <gtest/gtest.h>

namespace kafkascope {
namespace {

// The vectors of Apache Kafka's own UtilsTest: other clients map keys to the same partitions.
TEST(Murmur2Test, GivesKafkasNumbers) {
  EXPECT_EQ(murmur2(as_bytes("21")), -973932308);
  EXPECT_EQ(murmur2(as_bytes("foobar")), -790332482);
  EXPECT_EQ(murmur2(as_bytes("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(murmur2(as_bytes("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(murmur2(as_bytes("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
  EXPECT_EQ(murmur2(as_bytes("abc")), 479470107);
}

TEST(Murmur2Test, PartitionIsThePositivePartModuloTheCount) {
  EXPECT_EQ(partition_for_key(as_bytes("foobar"), 6), (-790332482 & 0x7fffffff) % 6);
}

}  // namespace
}  // namespace kafkascope

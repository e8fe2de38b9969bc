#include "common/uuid.h"

#include <gtest/gtest.h>

#include "common/errors.h"

namespace kafkascope {
namespace {

TEST(UuidTest, PrintsAsUrlSafeBase64) {
  EXPECT_EQ(Uuid{}.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ((Uuid{~0ull, ~0ull}.to_string()), "_____________________w");
  EXPECT_EQ((Uuid{0, 1}.to_string()), "AAAAAAAAAAAAAAAAAAAAAQ");
}

TEST(UuidTest, ParsesWhatItPrints) {
  const Uuid uuid{0x0123456789abcdefull, 0xfedcba9876543210ull};
  EXPECT_EQ(Uuid::parse(uuid.to_string()), uuid);
}

TEST(UuidTest, RefusesOtherText) {
  EXPECT_THROW(Uuid::parse("short"), SerializationException);
  EXPECT_THROW(Uuid::parse("AAAAAAAAAAAAAAAAAAAA+A"), SerializationException);
  EXPECT_THROW(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAB"), SerializationException);
}

}  // namespace
}  // namespace kafkascope

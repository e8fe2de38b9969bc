#include "log/log_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/errors.h"

namespace kafkascope {
namespace {

using testing::HasSubstr;

std::string refusal(const ConfigMap& topic) {
  try {
    LogConfig::make({}, topic);
  } catch (const ConfigException& e) {
    return e.what();
  }
  return "accepted";
}

TEST(LogConfigTest, DefaultsAreKafkas) {
  const auto config = LogConfig::make({}, {});
  EXPECT_EQ(config->segment_size, 1 << 30);
  EXPECT_EQ(config->retention_ms, 604'800'000);
  EXPECT_EQ(config->max_message_size, 1'048'588);
  EXPECT_EQ(config->compression_type, std::nullopt);
  EXPECT_TRUE(config->delete_old);
  EXPECT_FALSE(config->compact);
  const LogConfig plain;
  EXPECT_EQ(plain.segment_size, config->segment_size);
  EXPECT_EQ(plain.message_timestamp_after_max_ms, config->message_timestamp_after_max_ms);
}

TEST(LogConfigTest, TopicBeatsBrokerBeatsDefault) {
  const ConfigMap broker{{"log.retention.hours", "2"}, {"log.segment.bytes", "5000"}};
  EXPECT_EQ(LogConfig::make(broker, {})->retention_ms, 7'200'000);
  EXPECT_EQ(LogConfig::make(broker, {{"retention.ms", "5"}})->retention_ms, 5);
  EXPECT_EQ(LogConfig::make(broker, {})->segment_size, 5000);
  ConfigMap finer = broker;
  finer["log.retention.minutes"] = "3";
  EXPECT_EQ(LogConfig::make(finer, {})->retention_ms, 180'000);
  finer["log.retention.ms"] = "-1";
  EXPECT_EQ(LogConfig::make(finer, {})->retention_ms, -1);
  EXPECT_EQ(LogConfig::make({{"log.retention.hours", "-1"}}, {})->retention_ms, -1) << "no limit";
}

TEST(LogConfigTest, CodecsAndPolicies) {
  const auto config = LogConfig::make({}, {{"cleanup.policy", "compact,delete"},
                                           {"compression.type", "zstd"},
                                           {"compression.zstd.level", "7"},
                                           {"message.timestamp.type", "LogAppendTime"}});
  EXPECT_TRUE(config->compact);
  EXPECT_TRUE(config->delete_old);
  EXPECT_EQ(config->compression_type, CompressionType::kZstd);
  EXPECT_EQ(config->compression_level, 7);
  EXPECT_EQ(config->message_timestamp_type, TimestampType::kLogAppendTime);
  EXPECT_EQ(LogConfig::make({}, {{"compression.type", "uncompressed"}})->compression_type,
            CompressionType::kNone);
}

TEST(LogConfigTest, OlderTimestampKeyStandsForBothNewerOnes) {
  const auto config = LogConfig::make({}, {{"message.timestamp.difference.max.ms", "10"},
                                           {"message.timestamp.after.max.ms", "20"}});
  EXPECT_EQ(config->message_timestamp_before_max_ms, 10);
  EXPECT_EQ(config->message_timestamp_after_max_ms, 20);
}

TEST(LogConfigTest, WrongKeysAndValuesAreNamed) {
  EXPECT_THAT(refusal({{"retention.mss", "1"}}), HasSubstr("did you mean retention.ms?"));
  EXPECT_THAT(refusal({{"retention.ms", "-2"}}), HasSubstr("retention.ms"));
  EXPECT_THAT(refusal({{"segment.bytes", "x"}}), HasSubstr("segment.bytes"));
  EXPECT_THAT(refusal({{"cleanup.policy", "shred"}}), HasSubstr("cleanup.policy"));
  EXPECT_THAT(refusal({{"min.compaction.lag.ms", "5"}, {"max.compaction.lag.ms", "4"}}),
              HasSubstr("max.compaction.lag.ms"));
  EXPECT_EQ(refusal({{"retention.ms", "7"}}), "accepted");
}

TEST(LogConfigTest, TheMessageFormatCountsOnlyBelowProtocol30) {
  const auto format = [](const ConfigMap& broker, const ConfigMap& topic) {
    return static_cast<int>(LogConfig::make(broker, topic)->message_format);
  };
  const ConfigMap old{{"inter.broker.protocol.version", "2.8"}};
  EXPECT_EQ(format({}, {{"message.format.version", "0.10.2"}}), 2) << "ignored";
  EXPECT_EQ(format(old, {{"message.format.version", "0.10.2-IV0"}}), 1);
  EXPECT_EQ(format(old, {{"message.format.version", "0.9.0"}}), 0);
  EXPECT_EQ(format(old, {{"message.format.version", "0.11.0"}}), 2);
  EXPECT_EQ(format(old, {}), 2);
  EXPECT_EQ(format({{"inter.broker.protocol.version", "2.8"},
                    {"log.message.format.version", "0.10.0-IV0"}},
                   {}),
            1);
  EXPECT_EQ(format({{"inter.broker.protocol.version", "0.10.0"}}, {}), 1);
  EXPECT_THROW(
      format({{"inter.broker.protocol.version", "0.9.0"}}, {{"message.format.version", "0.10.0"}}),
      ConfigException);
}

}  // namespace
}  // namespace kafkascope

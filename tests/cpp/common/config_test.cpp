// ConfigDef: typing, checks, tables, and what a user who made a mistake is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/abstract_config.h"
#include "common/config_tables.h"
#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Body>
std::string config_error(Body body) {
  try {
    body();
  } catch (const ConfigException& e) {
    return e.what();
  }
  return "no error";
}

ConfigDef small_def() {
  ConfigDef def;
  def.define(
         {.name = "acks", .default_value = std::string("all"), .validator = one_of({"all", "1"})})
      .define({.name = "linger.ms",
               .type = ConfigType::kLong,
               .default_value = int64_t{0},
               .validator = at_least(0)})
      .define({.name = "batch.size", .type = ConfigType::kInt, .default_value = int64_t{16384}})
      .define({.name = "key.serializer", .type = ConfigType::kClass, .required = true})
      .define({.name = "servers", .type = ConfigType::kList, .default_value = ConfigList{}})
      .define({.name = "ratio", .type = ConfigType::kDouble, .default_value = 0.5})
      .define({.name = "secret", .type = ConfigType::kPassword});
  return def;
}

TEST(ConfigDef, types_values_and_fills_in_defaults) {
  const AbstractConfig config = small_def().parse(
      {{"key.serializer", " bytes "}, {"linger.ms", "5"}, {"servers", "a:1 , b:2"}});
  EXPECT_EQ(config.get_string("key.serializer"), "bytes");
  EXPECT_EQ(config.get_long("linger.ms"), 5);
  EXPECT_EQ(config.get_int("batch.size"), 16384);
  EXPECT_EQ(config.get_double("ratio"), 0.5);
  EXPECT_THAT(config.get_list("servers"), ElementsAre("a:1", "b:2"));
  EXPECT_TRUE(config.is_null("secret"));
  EXPECT_EQ(config.find_string("secret"), std::nullopt);
  EXPECT_TRUE(config.is_given("linger.ms"));
  EXPECT_FALSE(config.is_given("acks"));
}

TEST(ConfigDef, unknown_keys_are_refused_with_a_suggestion) {
  const ConfigDef def = small_def();
  EXPECT_EQ(config_error([&] { def.parse({{"linger.mss", "1"}}); }),
            "linger.mss: unknown configuration key; did you mean linger.ms?");
  EXPECT_EQ(config_error([&] { def.parse({{"completely.other.thing", "1"}}); }),
            "completely.other.thing: unknown configuration key");
}

TEST(ConfigDef, unknown_keys_can_be_kept) {
  const AbstractConfig config =
      small_def().parse({{"key.serializer", "s"}, {"mine", "1"}}, ConfigDef::UnknownKeys::kKeep);
  EXPECT_THAT(config.unused(), ElementsAre("mine"));
  EXPECT_EQ(config.originals().at("mine"), "1");
}

TEST(ConfigDef, a_required_key_must_be_given) {
  EXPECT_EQ(config_error([] { small_def().parse({}); }),
            "Missing required configuration \"key.serializer\" which has no default value.");
}

TEST(ConfigDef, messages_say_what_was_wrong_and_what_would_be_right) {
  auto error = [def = small_def()](const char* name, const char* text) {
    return config_error([&] { (void)def.parse_value(name, text); });
  };
  EXPECT_EQ(error("linger.ms", "-3"),
            "Invalid value -3 for configuration linger.ms: Value must be at least 0");
  EXPECT_EQ(error("linger.ms", "soon"),
            "Invalid value soon for configuration linger.ms: Not a number of type LONG");
  EXPECT_EQ(error("batch.size", "3000000000"),
            "Invalid value 3000000000 for configuration batch.size: Not a number of type INT");
  EXPECT_EQ(error("acks", "2"),
            "Invalid value 2 for configuration acks: String must be one of: all, 1");
}

TEST(ConfigDef, a_default_that_its_own_validator_refuses_is_refused) {
  ConfigDef def;
  EXPECT_EQ(config_error([&] {
              def.define({.name = "n",
                          .type = ConfigType::kInt,
                          .default_value = int64_t{1},
                          .validator = at_least(2)});
            }),
            "Invalid value 1 for configuration n: Value must be at least 2");
}

TEST(ConfigDef, passwords_are_hidden) {
  const ConfigDef def = small_def();
  const ConfigKey& secret = *def.find("secret");
  EXPECT_EQ(def.describe(secret, std::string("hunter2")), "[hidden]");
  EXPECT_EQ(def.describe(secret, {}), "null");
}

TEST(ConfigValue, text_and_value_round_trip) {
  for (const auto& [type, text] :
       std::vector<std::pair<ConfigType, std::string>>{{ConfigType::kBoolean, "true"},
                                                       {ConfigType::kShort, "-32768"},
                                                       {ConfigType::kLong, "9223372036854775807"},
                                                       {ConfigType::kDouble, "0.95"},
                                                       {ConfigType::kDouble, "1.0"},
                                                       {ConfigType::kList, "a,b"}}) {
    EXPECT_EQ(config_value_text(parse_config_value("k", type, text)), text);
  }
  EXPECT_EQ(parse_config_value("k", ConfigType::kBoolean, "TRUE"), ConfigValue(true));
  EXPECT_EQ(parse_config_value("k", ConfigType::kList, ""), ConfigValue(ConfigList{}));
  EXPECT_THROW(parse_config_value("k", ConfigType::kShort, "32768"), ConfigException);
  EXPECT_THROW(parse_config_value("k", ConfigType::kBoolean, "yes"), ConfigException);
  EXPECT_THROW(parse_config_value("k", ConfigType::kDouble, "1.5x"), ConfigException);
  EXPECT_THROW(parse_config_value("k", ConfigType::kInt, ""), ConfigException);
}

TEST(ConfigValidator, reads_the_notation_of_the_tables_and_prints_it_again) {
  for (const char* text : {"[0,...]", "[1,...,17]", "[-131072,...,22]", "[1,...,9] or -1"}) {
    EXPECT_EQ(parse_validator(ConfigType::kInt, text).text, text);
  }
  for (const char* text :
       {"[a, b]", "(case insensitive) [A, B]", "non-null string", "non-empty string",
        "[partitionId]:[brokerId],[partitionId]:[brokerId],..."}) {
    EXPECT_EQ(parse_validator(ConfigType::kString, text).text, text);
  }
  EXPECT_THROW(parse_validator(ConfigType::kInt, "about 7"), ConfigException);
}

TEST(ConfigValidator, ranges_and_alternatives) {
  const ConfigValidator level = parse_validator(ConfigType::kInt, "[1,...,9] or -1");
  EXPECT_EQ(level.check(int64_t{9}), "");
  EXPECT_EQ(level.check(int64_t{-1}), "");
  EXPECT_EQ(level.check(int64_t{10}), "Value must be no more than 9, or -1");
  const ConfigValidator ratio = parse_validator(ConfigType::kDouble, "[0,...,0.5]");
  EXPECT_EQ(ratio.check(0.5), "");
  EXPECT_EQ(ratio.check(0.6), "Value must be no more than 0.5");
}

TEST(ConfigValidator, words_null_and_replicas) {
  const ConfigValidator protocol = one_of({"PLAINTEXT", "SSL"}, true);
  EXPECT_EQ(protocol.check(std::string("ssl")), "");
  EXPECT_NE(protocol.check(std::string("tls")), "");
  EXPECT_EQ(one_of({"compact", "delete"}).check(ConfigList{"compact", "delete"}), "");
  EXPECT_NE(one_of({"compact", "delete"}).check(ConfigList{"compact", "drop"}), "");
  EXPECT_EQ(non_null().check(ConfigValue()), "entry must be non null");
  EXPECT_NE(non_empty().check(std::string()), "");
  EXPECT_EQ(throttled_replicas().check(ConfigList{"*"}), "");
  EXPECT_EQ(throttled_replicas().check(ConfigList{"0:1", "1:2"}), "");
  EXPECT_NE(throttled_replicas().check(ConfigList{"0:1", "1"}), "");
}

TEST(ConfigTables, hold_kafkas_keys_and_defaults) {
  EXPECT_GT(broker_config_def().keys().size(), 300u);
  const AbstractConfig broker = broker_config_def().parse({});
  EXPECT_EQ(broker.get_int("num.network.threads"), 3);
  EXPECT_EQ(broker.get_int("log.segment.bytes"), 1073741824);
  EXPECT_EQ(broker.find_long("log.retention.ms"), std::nullopt);
  const ConfigDef topic = topic_config_def();
  EXPECT_EQ(topic.find("segment.ms")->broker_synonyms, "log.roll.ms,log.roll.hours*3600000");
  EXPECT_EQ(topic.find("segment.ms")->unit, "ms");
  EXPECT_THAT(topic.parse({}).get_list("cleanup.policy"), ElementsAre("delete"));
  EXPECT_EQ(broker_config_def().find("log.retention.ms")->update_mode, "cluster-wide");
  EXPECT_TRUE(producer_config_def().find("key.serializer")->required);
  EXPECT_TRUE(consumer_config_def().keys().contains("max.poll.records"));
  EXPECT_THAT(admin_config_def().parse({}).get_list("bootstrap.servers"), IsEmpty());
}

TEST(ConfigTables, the_books_examples_of_mistakes) {
  EXPECT_EQ(config_error([] { broker_config_def().parse({{"log.segment.bytes", "-3"}}); }),
            "Invalid value -3 for configuration log.segment.bytes: Value must be at least 14");
  EXPECT_EQ(config_error([] { parse_config_table("name\ttype\tdefault\nx\tint\tmany\n"); }),
            "configuration table, line 2: Invalid value many for configuration x: Not a number of "
            "type INT");
}

TEST(Text, edit_distance_and_closest) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(closest("lingr.ms", {"acks", "linger.ms"}), "linger.ms");
  EXPECT_EQ(closest("zzzzzz", {"acks", "linger.ms"}), "");
}

}  // namespace
}  // namespace kafkascope

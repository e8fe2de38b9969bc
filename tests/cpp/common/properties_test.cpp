// Java's .properties notation.
#include "common/properties.h"

#include <gtest/gtest.h>

#include "common/errors.h"

namespace kafkascope {
namespace {

using Map = std::map<std::string, std::string>;

TEST(Properties, separators_comments_and_blank_lines) {
  EXPECT_EQ(
      parse_properties("# comment\n! another\n\n"
                       "a=1\n b : 2\nc 3\n  d\t=\t4 \ne\nf=\r\ng==x\n"),
      (Map{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4 "}, {"e", ""}, {"f", ""}, {"g", "=x"}}));
}

TEST(Properties, the_last_of_equal_keys_wins) {
  EXPECT_EQ(parse_properties("a=1\na=2"), (Map{{"a", "2"}}));
}

TEST(Properties, continuation_lines) {
  EXPECT_EQ(parse_properties("list=a,\\\n   b,\\\r\n\tc\nnext=1"),
            (Map{{"list", "a,b,c"}, {"next", "1"}}));
  EXPECT_EQ(parse_properties("path=C:\\\\\nb=2"), (Map{{"path", "C:\\"}, {"b", "2"}}));
  EXPECT_EQ(parse_properties("a=1\\"), (Map{{"a", "1"}}));
  EXPECT_EQ(parse_properties("a=1\\\n# not a comment"), (Map{{"a", "1# not a comment"}}));
}

TEST(Properties, escapes) {
  EXPECT_EQ(parse_properties("a\\ b\\=c=\\t\\n\\r\\f\\q\\\\"), (Map{{"a b=c", "\t\n\r\fq\\"}}));
  EXPECT_EQ(parse_properties("u=\\u00e9\\u20AC\\uD83D\\uDE00"),
            (Map{{"u", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"}}));
  EXPECT_EQ(parse_properties("u=\\uD83Dx"), (Map{{"u", "\xEF\xBF\xBDx"}}));
}

TEST(Properties, a_broken_escape_names_its_line) {
  for (const char* text : {"ok=1\nbad=\\u12G4", "ok=1\nbad=\\u12", "ok=1\nbad=\\uD83D\\u1"}) {
    try {
      parse_properties(text);
      ADD_FAILURE() << text;
    } catch (const ConfigException& e) {
      EXPECT_STREQ(e.what(), "line 2: \\u must be followed by four hexadecimal digits");
    }
  }
}

TEST(Properties, formatting_round_trips) {
  const Map tricky{{"a key", " leading"}, {"b:=", "x=y:z \n\t\\"}, {"#c", "!d"}, {"", "empty key"}};
  EXPECT_EQ(parse_properties(format_properties(tricky)), tricky);
  EXPECT_EQ(format_properties({{"version", "0"}}), "version=0\n");
}

}  // namespace
}  // namespace kafkascope

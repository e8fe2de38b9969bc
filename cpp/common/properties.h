// Java's .properties notation: server.properties, meta.properties.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kafkascope {

/// Key and value a line, with = or : or a space between; # and ! start comments; a backslash at the
/// end continues the line; \t \n \r \f and \uXXXX are escapes. The last of equal keys wins. Bytes
/// are taken as UTF-8. Throws ConfigException with the line's number for a broken \u escape.
std::map<std::string, std::string> parse_properties(std::string_view text);

/// One "key=value" line per entry, in the map's order, escaped so that parse_properties gives the
/// same map.
std::string format_properties(const std::map<std::string, std::string>& properties);

}  // namespace kafkascope

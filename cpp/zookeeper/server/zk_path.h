// Paths of znodes: which are allowed, and their parts.
#pragma once

#include <string>
#include <string_view>

namespace kafkascope::zk {

/// Absolute, no empty, "." or ".." name, no slash at the end, and none of the characters that
/// ZooKeeper forbids: controls, surrogates, private use, and what lies beyond the basic plane.
bool is_valid_path(std::string_view path);
/// "/a" for "/a/b", "/" for "/a".
std::string parent_of(std::string_view path);
/// "b" for "/a/b".
std::string name_of(std::string_view path);
/// "/a/b" for "/a" and "b", "/b" for "/" and "b".
std::string child_path(std::string_view parent, std::string_view name);

}  // namespace kafkascope::zk

#include "zookeeper/server/zookeeper_server_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "common/errors.h"
#include "common/logging.h"
#include "common/text.h"

namespace kafkascope::zk {
namespace {

constexpr int kLongestTickMs = 100'000'000;  // twenty fit an int

int parse_int(const std::string& key, const std::string& text, int least, int most = INT32_MAX) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    throw ConfigException(
        fmt::format("{}={}: expected a number from {} to {}", key, text, least, most));
  return value;
}

bool parse_yes_no(const std::string& key, const std::string& text) {
  if (equals_ignore_case(text, "yes") || equals_ignore_case(text, "true")) return true;
  if (equals_ignore_case(text, "no") || equals_ignore_case(text, "false")) return false;
  throw ConfigException(fmt::format("{}={}: expected yes or no", key, text));
}

std::set<std::string> parse_words(const std::string& text) {
  std::set<std::string> words;
  for (const std::string_view word : split(text, ',')) words.insert(std::string(trim(word)));
  return words;
}

/// Sets what a key says; false for an unknown key.
bool set(ZooKeeperServerConfig& c, const std::string& key, const std::string& value) {
  const auto number = [&](int least, int most = INT32_MAX) {
    return parse_int(key, value, least, most);
  };
  using Setter = std::function<void()>;
  const std::map<std::string_view, Setter> setters = {
      {"dataDir", [&] { c.data_dir = value; }},
      {"dataLogDir", [&] { c.data_log_dir = value; }},
      {"clientPort", [&] { c.address.port = static_cast<uint16_t>(number(0, 65535)); }},
      {"clientPortAddress", [&] { c.address.host = value; }},
      {"tickTime", [&] { c.tick_time_ms = number(1, kLongestTickMs); }},
      {"minSessionTimeout", [&] { c.min_session_timeout_ms = number(-1); }},
      {"maxSessionTimeout", [&] { c.max_session_timeout_ms = number(-1); }},
      {"maxClientCnxns", [&] { c.max_client_cnxns = number(0); }},
      {"snapCount", [&] { c.snap_count = number(1); }},
      {"forceSync", [&] { c.force_sync = parse_yes_no(key, value); }},
      {"autopurge.snapRetainCount", [&] { c.snap_retain_count = std::max(number(0), 3); }},
      {"autopurge.purgeInterval", [&] { c.purge_interval_hours = number(0); }},
      {"jute.maxbuffer", [&] { c.jute_max_buffer = static_cast<size_t>(number(1024)); }},
      {"4lw.commands.whitelist", [&] { c.four_letter_words = parse_words(value); }},
      // Of an ensemble, and of the web page that Apache ZooKeeper has: no harm in either.
      {"initLimit", [] {}},
      {"syncLimit", [] {}},
      {"admin.enableServer", [] {}},
      {"admin.serverPort", [] {}},
  };
  const auto found = setters.find(key);
  if (found == setters.end()) return false;
  found->second();
  return true;
}

}  // namespace

ZooKeeperServerConfig ZooKeeperServerConfig::parse(
    const std::map<std::string, std::string>& properties) {
  ZooKeeperServerConfig config;
  for (const auto& [key, value] : properties) {
    if (key.starts_with("server.") || key.starts_with("group.") || key.starts_with("weight."))
      throw ConfigException(fmt::format(
          "{}: this ZooKeeper is one server; for an ensemble use Apache ZooKeeper", key));
    if (!set(config, key, std::string(trim(value))))
      KS_LOG(kWarn, "zookeeper", "unknown key {} is ignored", key);
  }
  config.validate();
  return config;
}

void ZooKeeperServerConfig::validate() const {
  if (data_dir.empty()) throw ConfigException("dataDir: expected a directory");
  if (tick_time_ms < 1 || tick_time_ms > kLongestTickMs)
    throw ConfigException(
        fmt::format("tickTime={}: expected 1 to {}", tick_time_ms, kLongestTickMs));
  if (min_timeout_ms() > max_timeout_ms())
    throw ConfigException(fmt::format("minSessionTimeout={}: expected at most maxSessionTimeout={}",
                                      min_timeout_ms(), max_timeout_ms()));
}

}  // namespace kafkascope::zk

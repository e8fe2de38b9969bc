#include "zookeeper/client/connect_string.h"

#include <fmt/core.h>

#include <charconv>

#include "common/errors.h"
#include "common/text.h"

namespace kafkascope {
namespace {

uint16_t parse_port(std::string_view text, std::string_view server) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    throw ConfigException(fmt::format(
        "ZooKeeper server \"{}\": \"{}\" is no port, expected 1 to 65535", server, text));
  }
  return port;
}

Endpoint parse_server(std::string_view text) {
  std::string_view host = text;
  std::string_view port;
  const size_t bracket = text.find(']');
  if (text.starts_with('[') && bracket != std::string_view::npos) {
    host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (host.empty()) throw ConfigException(fmt::format("ZooKeeper server \"{}\" has no host", text));
  if (!port.empty() && !port.starts_with(':')) {
    throw ConfigException(fmt::format("ZooKeeper server \"{}\": expected [address]:port", text));
  }
  return {std::string(host), port.empty() ? kZooKeeperPort : parse_port(port.substr(1), text)};
}

}  // namespace

std::string Chroot::to_server(const std::string& path) const {
  if (path_.empty()) return path;
  return path == "/" ? path_ : path_ + path;
}

std::string Chroot::to_client(const std::string& path) const {
  if (path_.empty() || !path.starts_with(path_)) return path;
  if (path.size() == path_.size()) return "/";
  return path[path_.size()] == '/' ? path.substr(path_.size()) : path;
}

ConnectString parse_connect_string(const std::string& text) {
  ConnectString parsed;
  const size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const std::string chroot = text.substr(slash);
    if (chroot.find("//") != std::string::npos || (chroot.size() > 1 && chroot.ends_with('/'))) {
      throw ConfigException(fmt::format("ZooKeeper chroot \"{}\": expected /name/name", chroot));
    }
    parsed.chroot = Chroot(chroot);
  }
  const std::string servers = text.substr(0, slash);
  for (const std::string_view part : split(servers, ',')) {
    if (const std::string_view server = trim(part); !server.empty()) {
      parsed.servers.push_back(parse_server(server));
    }
  }
  if (parsed.servers.empty()) {
    throw ConfigException(fmt::format(
        "zookeeper.connect \"{}\" names no server: expected host:port,host:port", text));
  }
  return parsed;
}

}  // namespace kafkascope

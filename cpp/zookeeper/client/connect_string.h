// The connect string "host:port,host:port/chroot": which servers, and below which znode.
#pragma once

#include <string>
#include <vector>

#include "runtime/network.h"

namespace kafkascope {

inline constexpr uint16_t kZooKeeperPort = 2181;

/// A path that a client's own root stands for. Paths of a client are absolute below it.
class Chroot {
 public:
  Chroot() = default;
  /// "/kafka" or "/clusters/one"; "" and "/" mean none.
  explicit Chroot(std::string path) : path_(path == "/" ? "" : std::move(path)) {}

  const std::string& path() const { return path_; }
  /// As the server calls it.
  std::string to_server(const std::string& path) const;
  /// The reverse; a path that is not below the chroot stays as it is.
  std::string to_client(const std::string& path) const;

 private:
  std::string path_;
};

struct ConnectString {
  std::vector<Endpoint> servers;
  Chroot chroot;
};

/// Ports may be left out, IPv6 addresses stand in brackets. Throws ConfigException.
ConnectString parse_connect_string(const std::string& text);

}  // namespace kafkascope

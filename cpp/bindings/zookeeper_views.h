// What Python sees of a ZooKeeperServer, real or simulated.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>
#include <string>

#include "zookeeper/server/zookeeper_server.h"

namespace kafkascope::bindings {

/// Each: id, timeout_ms, client, ephemerals.
pybind11::list sessions_of(const zk::ZooKeeperServer& server);
/// Each: path, kind, session.
pybind11::list watches_of(const zk::ZooKeeperServer& server);
/// Each: path, data, acl and the numbers of its Stat.
pybind11::list nodes_of(const zk::ZooKeeperServer& server);
/// One of them; nothing when there is none.
std::optional<pybind11::dict> node_of(const zk::ZooKeeperServer& server, const std::string& path);

}  // namespace kafkascope::bindings

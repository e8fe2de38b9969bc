#include "bindings/zookeeper_views.h"

#include <pybind11/stl.h>

namespace py = pybind11;

namespace kafkascope::bindings {

using zk::ZooKeeperServer;

namespace {

py::object to_bytes(const zk::Data& data) {
  if (!data) return py::none();
  return py::bytes(reinterpret_cast<const char*>(data->data()), data->size());
}

py::dict to_dict(const ZooKeeperServer::NodeInfo& node) {
  py::dict d;
  const zk::Stat& stat = node.stat;
  d["path"] = node.path;
  d["data"] = to_bytes(node.data);
  d["czxid"] = stat.czxid;
  d["mzxid"] = stat.mzxid;
  d["pzxid"] = stat.pzxid;
  d["ctime"] = stat.ctime;
  d["mtime"] = stat.mtime;
  d["version"] = stat.version;
  d["cversion"] = stat.cversion;
  d["aversion"] = stat.aversion;
  d["ephemeral_owner"] = stat.ephemeral_owner;
  d["data_length"] = stat.data_length;
  d["num_children"] = stat.num_children;
  py::list acl;
  for (const zk::Acl& entry : node.acl)
    acl.append(py::make_tuple(entry.scheme, entry.id, entry.permissions));
  d["acl"] = acl;
  return d;
}

}  // namespace

py::list sessions_of(const ZooKeeperServer& server) {
  py::list sessions;
  for (const ZooKeeperServer::SessionInfo& session : server.sessions()) {
    py::dict d;
    d["id"] = session.id;
    d["timeout_ms"] = session.timeout_ms;
    d["client"] = session.client.empty() ? py::object(py::none()) : py::str(session.client);
    d["ephemerals"] =
        std::vector<std::string>(session.ephemerals.begin(), session.ephemerals.end());
    sessions.append(d);
  }
  return sessions;
}

py::list watches_of(const ZooKeeperServer& server) {
  static const char* const kKinds[] = {"data", "children", "persistent", "persistent_recursive"};
  py::list watches;
  for (const ZooKeeperServer::WatchInfo& watch : server.watches()) {
    py::dict d;
    d["path"] = watch.path;
    d["kind"] = kKinds[static_cast<size_t>(watch.kind)];
    d["session"] = watch.session;
    watches.append(d);
  }
  return watches;
}

py::list nodes_of(const ZooKeeperServer& server) {
  py::list nodes;
  for (const ZooKeeperServer::NodeInfo& node : server.nodes()) nodes.append(to_dict(node));
  return nodes;
}

std::optional<py::dict> node_of(const ZooKeeperServer& server, const std::string& path) {
  const auto node = server.get(path);
  return node ? std::optional(to_dict(*node)) : std::nullopt;
}

}  // namespace kafkascope::bindings

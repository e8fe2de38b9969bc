// ZooKeeperClient: a session with any ZooKeeper, for Python.
#include <pybind11/stl.h>

#include <set>

#include "bindings/host.h"
#include "bindings/init.h"
#include "common/errors.h"
#include "runtime/blocking_queue.h"
#include "zookeeper/client/zookeeper_client.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

/// type and path of a watch that fired.
using Event = std::pair<std::string, std::string>;

/// Puts what happened to a path into the client's queue, from which Python takes it: its callbacks
/// may ask ZooKeeper, which the event thread may not.
class Watch : public ZNodeChangeHandler, public ZNodeChildChangeHandler {
 public:
  Watch(std::string path, BlockingQueue<Event>& events) : path_(std::move(path)), events_(events) {}
  std::string path() const override { return path_; }
  void handle_creation() override { events_.put({"created", path_}); }
  void handle_deletion() override { events_.put({"deleted", path_}); }
  void handle_data_change() override { events_.put({"changed", path_}); }
  void handle_child_change() override { events_.put({"children", path_}); }

 private:
  const std::string path_;
  BlockingQueue<Event>& events_;
};

class RealZooKeeperClient {
 public:
  RealZooKeeperClient(const std::string& connect, int64_t session_timeout_ms,
                      int64_t connection_timeout_ms)
      : node_(make_real_node("zookeeper-client")),
        client_(*node_,
                {.connect = connect,
                 .session_timeout = std::chrono::milliseconds(session_timeout_ms),
                 .connection_timeout = std::chrono::milliseconds(connection_timeout_ms)},
                "zookeeper"),
        events_(*node_, "zookeeper watches") {}
  ~RealZooKeeperClient() { close(); }

  void start() {
    run_interruptible(*node_, [this] { client_.start(); }, [this] { close_client(); });
  }
  void close() {
    const py::gil_scoped_release released;
    close_client();
  }
  ZkResponse ask(ZkRequest request) {
    ZkResponse response;
    run_interruptible(
        *node_, [&] { response = client_.handle_request(std::move(request)); },
        [this] { close_client(); });
    return response;
  }
  void wait_until_connected(std::optional<double> timeout) {
    const Duration given = seconds(timeout);
    run_interruptible(
        *node_, [&] { client_.wait_until_connected(given); }, [this] { close_client(); });
  }
  void watch(const std::string& path) {
    const auto handler = std::make_shared<Watch>(path, events_);
    client_.register_znode_change_handler(handler);
    client_.register_znode_child_change_handler(handler);
  }
  void unwatch(const std::string& path) {
    client_.unregister_znode_change_handler(path);
    client_.unregister_znode_child_change_handler(path);
  }
  std::optional<Event> next_event() {
    const py::gil_scoped_release released;
    return events_.take();
  }
  const ZooKeeperClient& client() const { return client_; }

 private:
  void close_client() {
    client_.close();
    events_.close();
  }

  std::unique_ptr<Node> node_;
  ZooKeeperClient client_;
  BlockingQueue<Event> events_;
};

zk::Data from_python(const std::optional<py::bytes>& data) {
  if (!data) return std::nullopt;
  return zk::to_data(std::string_view(*data));
}

py::object to_python(const zk::Data& data) {
  if (!data) return py::none();
  return py::bytes(reinterpret_cast<const char*>(data->data()), data->size());
}

py::dict to_python(const zk::Stat& stat) {
  py::dict dict;
  dict["czxid"] = stat.czxid;
  dict["mzxid"] = stat.mzxid;
  dict["ctime"] = stat.ctime;
  dict["mtime"] = stat.mtime;
  dict["version"] = stat.version;
  dict["cversion"] = stat.cversion;
  dict["aversion"] = stat.aversion;
  dict["ephemeral_owner"] = stat.ephemeral_owner;
  dict["data_length"] = stat.data_length;
  dict["num_children"] = stat.num_children;
  dict["pzxid"] = stat.pzxid;
  return dict;
}

/// kind, path, data, mode of a create, version.
using Operation = std::tuple<std::string, std::string, std::optional<py::bytes>, int32_t, int32_t>;

ZkRequest from_python(const Operation& operation) {
  const auto& [kind, path, data, mode, version] = operation;
  if (kind == "create") {
    return {path, ZkRequest::Create{from_python(data), static_cast<zk::CreateMode>(mode)}};
  }
  if (kind == "set") return {path, ZkRequest::SetData{from_python(data), version}};
  if (kind == "delete") return {path, ZkRequest::Delete{version}};
  if (kind == "exists") return {path, ZkRequest::Exists{}};
  if (kind == "get") return {path, ZkRequest::GetData{}};
  if (kind == "children") return {path, ZkRequest::GetChildren{}};
  if (kind == "check") return {path, ZkRequest::Check{version}};
  throw py::value_error("no operation of ZooKeeper: " + kind);
}

py::dict to_python(const ZkResponse& response) {
  py::dict dict;
  dict["error"] = response.ok() ? "" : zk::to_string(response.error);
  dict["path"] = response.path;
  dict["data"] = to_python(response.data);
  dict["stat"] = to_python(response.stat);
  dict["children"] = response.children;
  py::list parts;
  for (const ZkResponse& part : response.parts) parts.append(to_python(part));
  dict["parts"] = parts;
  return dict;
}

std::string state_name(zk::KeeperState state) {
  switch (state) {
    case zk::KeeperState::kSyncConnected:
      return "CONNECTED";
    case zk::KeeperState::kDisconnected:
      return "CONNECTING";
    case zk::KeeperState::kAuthFailed:
      return "AUTH_FAILED";
    case zk::KeeperState::kExpired:
    case zk::KeeperState::kClosed:
      return "CLOSED";
  }
  return "CLOSED";
}

}  // namespace

void init_zookeeper_client(py::module_& m) {
  py::class_<RealZooKeeperClient>(m, "RealZooKeeperClient")
      .def(py::init<const std::string&, int64_t, int64_t>(), py::arg("connect"),
           py::arg("session_timeout_ms"), py::arg("connection_timeout_ms"))
      .def("start", &RealZooKeeperClient::start)
      .def("close", &RealZooKeeperClient::close)
      .def(
          "ask",
          [](RealZooKeeperClient& self, const Operation& operation) {
            return to_python(self.ask(from_python(operation)));
          },
          py::arg("operation"))
      .def(
          "multi",
          [](RealZooKeeperClient& self, const std::vector<Operation>& operations) {
            ZkRequest::Multi multi;
            for (const Operation& operation : operations) {
              multi.operations.push_back(from_python(operation));
            }
            return to_python(self.ask({"/", std::move(multi)}));
          },
          py::arg("operations"))
      .def("wait_until_connected", &RealZooKeeperClient::wait_until_connected,
           py::arg("timeout") = py::none())
      .def("watch", &RealZooKeeperClient::watch, py::arg("path"))
      .def("unwatch", &RealZooKeeperClient::unwatch, py::arg("path"))
      .def("next_event", &RealZooKeeperClient::next_event)
      .def_property_readonly(
          "session_id", [](const RealZooKeeperClient& self) { return self.client().session_id(); })
      .def_property_readonly("state", [](const RealZooKeeperClient& self) {
        return state_name(self.client().connection_state());
      });
}

}  // namespace kafkascope::bindings

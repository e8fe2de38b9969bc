#include "bindings/leader_selector.h"

#include <pybind11/stl.h>

#include <algorithm>

#include "bindings/sim_host.h"
#include "common/errors.h"
#include "common/logging.h"
#include "runtime/node.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

using Selector = std::shared_ptr<const PartitionLeaderSelector>;

py::dict to_dict(const PartitionElection& election) {
  py::dict dict;
  dict["topic"] = election.partition.topic;
  dict["partition"] = election.partition.partition;
  dict["leader"] = election.current.leader;
  dict["leader_epoch"] = election.current.leader_epoch;
  dict["isr"] = election.current.isr;
  dict["replicas"] = election.assignment.replicas;
  dict["adding_replicas"] = election.assignment.adding;
  dict["removing_replicas"] = election.assignment.removing;
  dict["online"] = election.online;
  dict["online_or_shutting_down"] = election.online_or_shutting_down;
  dict["shutting_down"] = election.shutting_down;
  dict["unclean_leader_election_enabled"] = election.unclean_leader_election_enabled;
  return dict;
}

using Decision = std::tuple<BrokerId, std::vector<BrokerId>, std::optional<std::vector<BrokerId>>>;

/// Throws py::error_already_set, py::cast_error, or KafkaException for a leader that is no replica.
std::optional<SelectedLeader> ask(const py::object& function, const PartitionElection& election) {
  const auto decision = function(to_dict(election)).cast<std::optional<Decision>>();
  if (!decision) return std::nullopt;
  const auto& [leader, isr, recipients] = *decision;
  const std::vector<BrokerId>& replicas = election.assignment.replicas;
  const auto is_replica = [&](BrokerId id) { return std::ranges::count(replicas, id) > 0; };
  if (!is_replica(leader) || !std::ranges::all_of(isr, is_replica) ||
      std::ranges::count(isr, leader) == 0)
    throw KafkaException(ErrorCode::kInvalidRequest,
                         "the leader must be in the ISR, and the ISR among the replicas");
  if (recipients) return SelectedLeader{leader, isr, *recipients, {}};
  return SelectedLeader{leader, isr, {election.online.begin(), election.online.end()}, {}};
}

class PythonLeaderSelector : public PartitionLeaderSelector {
 public:
  PythonLeaderSelector(Node& node, std::string name, SharedObject function)
      : node_(node), name_(std::move(name)), function_(std::move(function)) {}

  const char* name() const override { return name_.c_str(); }

  std::optional<SelectedLeader> select_leader(const PartitionElection& election) const override {
    std::optional<SelectedLeader> selected;
    node_.outside([&] {
      const py::gil_scoped_acquire acquired;
      try {
        selected = ask(*function_, election);
      } catch (const std::exception& error) {
        KS_LOG(kError, node_.name(), "leader selector {} of {}: {}", name_,
               election.partition.to_string(), error.what());
      }
    });
    return selected;
  }

 private:
  Node& node_;
  const std::string name_;
  const SharedObject function_;
};

Selector& slot(LeaderSelectors& selectors, const std::string& name) {
  if (name == "offline") return selectors.offline;
  if (name == "reassigned") return selectors.reassigned;
  if (name == "preferred") return selectors.preferred;
  if (name == "controlled_shutdown") return selectors.controlled_shutdown;
  if (name == "no_op") return selectors.no_op;
  throw py::value_error(
      "leader_selectors: '" + name +
      "': expected 'offline', 'reassigned', 'preferred', 'controlled_shutdown' or "
      "'no_op'");
}

}  // namespace

std::function<LeaderSelectors(Node&)> leader_selector_factory(const SelectorFunctions& functions) {
  struct Given {
    std::string name;  // of its class
    SharedObject function;
  };
  std::map<std::string, Given> given;
  LeaderSelectors checked;
  for (const auto& [name, function] : functions) {
    (void)slot(checked, name);
    const py::object self = function.attr("__self__");
    given[name] = {py::str(py::type::of(self).attr("__name__")), share(function)};
  }
  return [given](Node& node) {
    LeaderSelectors selectors;
    for (const auto& [name, one] : given)
      slot(selectors, name) = std::make_shared<PythonLeaderSelector>(node, one.name, one.function);
    return selectors;
  };
}

}  // namespace kafkascope::bindings

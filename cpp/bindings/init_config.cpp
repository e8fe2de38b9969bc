// Configuration keys, for Python's checks and its command line.
#include <pybind11/stl.h>

#include <set>

#include "bindings/host.h"
#include "bindings/init.h"
#include "common/config_tables.h"
#include "common/logging.h"
#include "common/properties.h"
#include "runtime/file_system.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

std::set<std::string> config_keys(const std::string& kind) {
  const ConfigDef def = kind == "producer"   ? producer_config_def()
                        : kind == "consumer" ? consumer_config_def()
                        : kind == "admin"    ? admin_config_def()
                        : kind == "topic"    ? topic_config_def()
                                             : broker_config_def();
  std::set<std::string> names;
  for (const auto& [name, key] : def.keys()) names.insert(name);
  return names;
}

std::map<std::string, std::string> read_properties(const std::string& path) {
  return parse_properties(as_text(read_file(make_real_node("files")->files(), path)));
}

/// Returns the level before, as a word.
std::string swap_log_level(const std::string& word) {
  constexpr const char* kWords[] = {"trace", "debug", "info", "warn", "error", "off"};
  const LogLevel before = log_level();
  set_log_level(parse_log_level(word));
  return kWords[static_cast<size_t>(before)];
}

}  // namespace

void init_config(py::module_& m) {
  m.def("config_keys", &config_keys, py::arg("kind"),
        "Kafka's keys of a \"producer\", \"consumer\", \"admin\", \"topic\" or \"broker\".");
  m.def("read_properties", &read_properties, py::arg("path"),
        "The keys and values of a .properties file.");
  m.def("swap_log_level", &swap_log_level, py::arg("level"),
        "Sets the level of this process's log (\"warn\", \"error\", ...); returns the one before.");
}

}  // namespace kafkascope::bindings

#include "zookeeper/server/four_letter_words.h"

#include <fmt/core.h>

#include <functional>
#include <map>

namespace kafkascope::zk {
namespace {

constexpr const char* kVersion = "3.8.4-kafkascope";

std::string one_cnxn(const ServerCnxn& cnxn) {
  return fmt::format(" /{}[1](queued={},recved={},sent={},sid={})\n", cnxn.peer.to_string(),
                     cnxn.out.size(), cnxn.received, cnxn.sent, session_text(cnxn.session));
}

std::string cons(const RequestProcessor& p) {
  std::string text;
  for (const auto& [id, cnxn] : p.cnxns()) text += one_cnxn(cnxn);
  return text + "\n";
}

std::string server_lines(const RequestProcessor& p) {
  return fmt::format(
      "Received: {}\nSent: {}\nConnections: {}\nOutstanding: 0\nZxid: {:#x}\nMode: standalone\n"
      "Node count: {}\n",
      p.received, p.sent, p.cnxns().size(), p.tree().last_zxid(), p.tree().nodes().size());
}

std::string version_line() { return fmt::format("Zookeeper version: {}\n", kVersion); }

std::string mntr(const RequestProcessor& p) {
  size_t ephemerals = 0;
  for (const auto& [session, paths] : p.tree().ephemerals()) ephemerals += paths.size();
  return fmt::format(
      "zk_version\t{}\nzk_server_state\tstandalone\nzk_packets_received\t{}\nzk_packets_sent\t{}\n"
      "zk_num_alive_connections\t{}\nzk_outstanding_requests\t0\nzk_znode_count\t{}\n"
      "zk_watch_count\t{}\nzk_ephemerals_count\t{}\nzk_global_sessions\t{}\n",
      kVersion, p.received, p.sent, p.cnxns().size(), p.tree().nodes().size(), p.watches().size(),
      ephemerals, p.sessions().size());
}

std::string conf(const ZooKeeperServerConfig& c) {
  return fmt::format(
      "clientPort={}\ndataDir={}/version-2\ndataLogDir={}/version-2\ntickTime={}\n"
      "maxClientCnxns={}\nminSessionTimeout={}\nmaxSessionTimeout={}\nserverId=0\n",
      c.address.port, c.data_dir, c.data_log_dir.empty() ? c.data_dir : c.data_log_dir,
      c.tick_time_ms, c.max_client_cnxns, c.min_timeout_ms(), c.max_timeout_ms());
}

std::string dump(const RequestProcessor& p) {
  std::string text = "SessionTracker dump:\n";
  for (const auto& [id, timeout_ms] : p.sessions().timeouts())
    text += fmt::format("{}\t{}ms\n", session_text(id), timeout_ms);
  text += fmt::format("ephemeral nodes dump:\nSessions with Ephemerals ({}):\n",
                      p.tree().ephemerals().size());
  for (const auto& [id, paths] : p.tree().ephemerals()) {
    text += session_text(id) + ":\n";
    for (const std::string& path : paths) text += "\t" + path + "\n";
  }
  return text;
}

std::string wchs(const RequestProcessor& p) {
  std::set<WatcherId> watchers;
  std::set<std::string> paths;
  for (const Watch& watch : p.watches().watches()) {
    watchers.insert(watch.watcher);
    paths.insert(watch.path);
  }
  return fmt::format("{} connections watching {} paths\nTotal watches:{}\n", watchers.size(),
                     paths.size(), p.watches().size());
}

}  // namespace

std::string four_letter_answer(std::string_view word, const ZooKeeperServerConfig& config,
                               const RequestProcessor& processor) {
  const RequestProcessor& p = processor;
  using Answer = std::function<std::string()>;
  const std::map<std::string_view, Answer> answers = {
      {"ruok", [] { return "imok"; }},
      {"srvr", [&] { return version_line() + server_lines(p); }},
      {"stat", [&] { return version_line() + "Clients:\n" + cons(p) + server_lines(p); }},
      {"mntr", [&] { return mntr(p); }},
      {"conf", [&] { return conf(config); }},
      {"cons", [&] { return cons(p); }},
      {"dump", [&] { return dump(p); }},
      {"wchs", [&] { return wchs(p); }},
  };
  const auto found = answers.find(word);
  if (found == answers.end()) return "";
  const auto& allowed = config.four_letter_words;
  if (!allowed.contains("*") && !allowed.contains(std::string(word)))
    return fmt::format("{} is not executed because it is not in the whitelist.\n", word);
  return found->second();
}

}  // namespace kafkascope::zk

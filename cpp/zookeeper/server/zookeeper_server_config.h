// ZooKeeperServerConfig: what zoo.cfg or zookeeper.properties says.
#pragma once

#include <map>
#include <set>
#include <string>

#include "runtime/network.h"

namespace kafkascope::zk {

struct ZooKeeperServerConfig {
  Endpoint address{"0.0.0.0", 2181};  // clientPortAddress, clientPort; port 0 picks a free one
  std::string data_dir;
  std::string data_log_dir;  // empty: data_dir
  int tick_time_ms = 3000;
  int min_session_timeout_ms = -1;  // -1: two ticks
  int max_session_timeout_ms = -1;  // -1: twenty ticks
  int max_client_cnxns = 60;        // from one address; 0: no bound
  int snap_count = 100'000;
  bool force_sync = true;
  int snap_retain_count = 3;
  int purge_interval_hours = 0;  // 0: old snapshots and logs are kept; else purged at each snapshot
  size_t jute_max_buffer = 0xfffff;
  std::set<std::string> four_letter_words = {"srvr"};  // 4lw.commands.whitelist; "*": all

  /// By the keys of zoo.cfg. Unknown keys are warned about. Throws ConfigException for a value that
  /// is not accepted, a missing dataDir, and the keys of an ensemble.
  static ZooKeeperServerConfig parse(const std::map<std::string, std::string>& properties);

  int min_timeout_ms() const {
    return min_session_timeout_ms < 0 ? 2 * tick_time_ms : min_session_timeout_ms;
  }
  int max_timeout_ms() const {
    return max_session_timeout_ms < 0 ? 20 * tick_time_ms : max_session_timeout_ms;
  }
  /// Throws ConfigException.
  void validate() const;
};

}  // namespace kafkascope::zk

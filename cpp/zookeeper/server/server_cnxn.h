// ServerCnxn: one client's connection, and what is still to be sent to it.
#pragma once

#include <deque>

#include "runtime/network.h"
#include "zookeeper/server/acl.h"
#include "zookeeper/server/watch_manager.h"

namespace kafkascope::zk {

/// ZooKeeper's ServerCnxn. Owned by the RequestProcessor.
struct ServerCnxn {
  struct Outgoing {
    ByteBuffer frame;
    Instant not_before{};  // what is behind it waits too: order is ZooKeeper's promise
  };
  enum class Fate { kStay, kCloseWhenSent, kCloseNow };

  WatcherId id = 0;
  Endpoint peer;
  SessionId session = 0;  // 0: it has not said yet which
  std::vector<AuthId> who;
  std::deque<Outgoing> out;
  bool sending = false;  // a frame is with the Selector
  Fate fate = Fate::kStay;
  int64_t received = 0;  // frames
  int64_t sent = 0;
};

}  // namespace kafkascope::zk

// SessionTracker: which sessions there are, and when each has been silent for too long.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "runtime/clock.h"
#include "zookeeper/zk_types.h"

namespace kafkascope::zk {

/// ZooKeeper's SessionTracker. Sessions expire at multiples of tickTime, so that those that end at
/// about the same time are looked at together. Not thread-safe.
class SessionTracker {
 public:
  explicit SessionTracker(Duration tick) : tick_(tick) {}

  /// Adds a session, or changes its timeout; it counts as heard of now.
  void track(SessionId id, int32_t timeout_ms, Instant now);
  /// It was heard of. False: there is no such session.
  bool touch(SessionId id, Instant now);
  void remove(SessionId id);

  /// Those whose time is up, in order of time and id. They stay until they are removed.
  std::vector<SessionId> expired(Instant now) const;
  /// When to look again; kForever without sessions.
  Instant next_expiry() const;

  bool contains(SessionId id) const { return sessions_.contains(id); }
  /// Id to timeout, as in a snapshot.
  std::map<SessionId, int32_t> timeouts() const;
  size_t size() const { return sessions_.size(); }

 private:
  struct Session {
    int32_t timeout_ms = 0;
    Instant expires{};
  };
  Instant round_up(Instant time) const { return (time / tick_ + 1) * tick_; }
  void move_to(SessionId id, Session& session, Instant expires);

  const Duration tick_;
  std::map<SessionId, Session> sessions_;
  std::map<Instant, std::set<SessionId>> buckets_;
};

/// 16 bytes that only who got the session is told. Made of the id alone, as Apache ZooKeeper makes
/// them, so that a session outlives the server.
ByteBuffer session_password(SessionId id);

}  // namespace kafkascope::zk

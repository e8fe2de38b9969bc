#include "zookeeper/server/session_tracker.h"

namespace kafkascope::zk {

void SessionTracker::track(SessionId id, int32_t timeout_ms, Instant now) {
  sessions_[id].timeout_ms = timeout_ms;
  touch(id, now);
}

bool SessionTracker::touch(SessionId id, Instant now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  const auto timeout = std::chrono::milliseconds(found->second.timeout_ms);
  move_to(id, found->second, round_up(now + timeout));
  return true;
}

void SessionTracker::move_to(SessionId id, Session& session, Instant expires) {
  if (const auto bucket = buckets_.find(session.expires); bucket != buckets_.end()) {
    bucket->second.erase(id);
    if (bucket->second.empty()) buckets_.erase(bucket);
  }
  session.expires = expires;
  buckets_[expires].insert(id);
}

void SessionTracker::remove(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  const auto bucket = buckets_.find(found->second.expires);
  bucket->second.erase(id);
  if (bucket->second.empty()) buckets_.erase(bucket);
  sessions_.erase(found);
}

std::vector<SessionId> SessionTracker::expired(Instant now) const {
  std::vector<SessionId> ids;
  for (const auto& [time, sessions] : buckets_) {
    if (time > now) break;
    ids.insert(ids.end(), sessions.begin(), sessions.end());
  }
  return ids;
}

Instant SessionTracker::next_expiry() const {
  return buckets_.empty() ? kForever : buckets_.begin()->first;
}

std::map<SessionId, int32_t> SessionTracker::timeouts() const {
  std::map<SessionId, int32_t> timeouts;
  for (const auto& [id, session] : sessions_) timeouts[id] = session.timeout_ms;
  return timeouts;
}

// The bytes of java.util.Random with the id and a well-known constant as its seed.
ByteBuffer session_password(SessionId id) {
  constexpr uint64_t kMultiplier = 0x5deece66d;
  constexpr uint64_t kMask = (uint64_t{1} << 48) - 1;
  uint64_t state = (static_cast<uint64_t>(id) ^ 0xb3415c00 ^ kMultiplier) & kMask;
  ByteBuffer bytes;
  while (bytes.size() < 16) {
    state = (state * kMultiplier + 0xb) & kMask;
    for (int shift = 16; shift < 48; shift += 8)
      bytes.push_back(static_cast<uint8_t>(state >> shift));
  }
  return bytes;
}

}  // namespace kafkascope::zk

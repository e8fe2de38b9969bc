#include "replication/replica.h"

#include <algorithm>

namespace kafkascope {

bool Replica::update_fetch_state(const FollowerFetch& fetch) {
  if (fetch.broker_epoch != kNoBrokerEpoch && fetch.broker_epoch < broker_epoch) return false;
  const Offset end = fetch.fetch_offset.message_offset;
  // std::optional orders "never" before any time.
  if (end >= fetch.leader_log_end_offset) {
    last_caught_up_time = std::max(last_caught_up_time, std::optional(fetch.time));
  } else if (end >= last_fetch_leader_log_end_offset) {
    last_caught_up_time = std::max(last_caught_up_time, last_fetch_time);
  }
  log_end_offset = fetch.fetch_offset;
  log_start_offset = fetch.log_start_offset;
  last_fetch_leader_log_end_offset =
      std::max(last_fetch_leader_log_end_offset, fetch.leader_log_end_offset);
  last_fetch_time = fetch.time;
  broker_epoch = fetch.broker_epoch;
  return true;
}

void Replica::reset(Instant now, Offset leader_log_end_offset, bool is_new_leader,
                    bool is_in_sync) {
  if (is_new_leader) {
    *this = Replica();
  } else {
    last_fetch_leader_log_end_offset = leader_log_end_offset;
    last_fetch_time = is_in_sync ? std::optional(now) : std::nullopt;
  }
  last_caught_up_time = is_in_sync ? std::optional(now) : std::nullopt;
}

bool Replica::is_caught_up(Offset leader_log_end_offset, Instant now, Duration max_lag) const {
  if (log_end_offset.message_offset == leader_log_end_offset) return true;
  return last_caught_up_time && now - *last_caught_up_time <= max_lag;
}

}  // namespace kafkascope

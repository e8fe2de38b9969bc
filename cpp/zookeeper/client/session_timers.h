// SessionTimers: when a client pings, and when it gives its server up.
#pragma once

#include <algorithm>

#include "runtime/clock.h"

namespace kafkascope {

/// A server that says nothing for two thirds of the session's timeout is given up, so that a third
/// is left to find another one before the session expires. A ping goes out once nothing was sent
/// for a third of that.
class SessionTimers {
 public:
  /// A connection begins: `setup` is how long it may take until the session is agreed on.
  void connecting(Instant now, Duration setup) {
    read_timeout_ = setup;
    established_ = false;
    last_heard_ = last_sent_ = now;
  }
  void established(Instant now, Duration session_timeout) {
    read_timeout_ = session_timeout * 2 / 3;
    established_ = true;
    last_heard_ = now;
  }
  void heard(Instant now) { last_heard_ = now; }
  void sent(Instant now) { last_sent_ = now; }

  bool server_is_silent(Instant now) const { return now - last_heard_ >= read_timeout_; }
  bool ping_is_due(Instant now) const {
    return established_ && now - last_sent_ >= read_timeout_ / 3;
  }
  /// When one of the two is to be asked again. A frame that is stuck on its way holds pings up.
  Instant next(bool can_send) const {
    const Instant silent = last_heard_ + read_timeout_;
    return established_ && can_send ? std::min(silent, last_sent_ + read_timeout_ / 3) : silent;
  }
  Duration read_timeout() const { return read_timeout_; }

 private:
  Duration read_timeout_{};
  bool established_ = false;
  Instant last_heard_{};
  Instant last_sent_{};
};

}  // namespace kafkascope

// ReplicationDefects: bugs that tests plant, to see that the invariants catch them.
#pragma once

namespace kafkascope {

/// All off in a broker; only tests switch them on.
struct ReplicationDefects {
  bool no_epoch_check_in_fetch = false;
  bool high_watermark_from_isr = false;            // not from the maximal ISR
  bool high_watermark_counts_out_of_sync = false;  // any replicas, as many as are in sync
  bool ack_at_log_end = false;                     // acks=all is answered without the followers
  bool no_min_isr_check_after_append = false;
  bool expand_isr_before_epoch_start = false;
  bool follower_keeps_old_leader = false;
};

}  // namespace kafkascope

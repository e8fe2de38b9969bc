// FetcherDefects: bugs that tests plant, to see that invariants find them.
#pragma once

namespace kafkascope {

/// All false, but in a test.
struct FetcherDefects {
  /// Cuts to the high watermark though epochs are known (before KIP-101).
  bool truncate_to_high_watermark = false;
  /// Keeps the log as it is when the leader is elected again with a new epoch (KAFKA-7164).
  bool no_truncation_on_same_leader = false;
  /// A fetch does not say which epoch it believes in, so that no leader can refuse it (KIP-320).
  bool no_epoch_in_fetch = false;
};

}  // namespace kafkascope

// HostProvider: which server to try next.
#pragma once

#include <utility>
#include <vector>

#include "runtime/network.h"
#include "runtime/random.h"

namespace kafkascope {

/// Apache ZooKeeper's StaticHostProvider: goes round the servers in an order that is drawn once, so
/// that clients spread over them. Owned by one thread.
class HostProvider {
 public:
  HostProvider(std::vector<Endpoint> servers, RandomStream& random) : servers_(std::move(servers)) {
    for (size_t i = servers_.size(); i > 1; --i) {
      std::swap(servers_[i - 1], servers_[random.below(i)]);
    }
  }

  const Endpoint& next() {
    ++tried_;
    at_ = (at_ + 1) % servers_.size();
    return servers_[at_];
  }
  /// The last one works: a lost connection may be tried anew at once, at the next server first.
  void on_connected() { tried_ = 0; }
  /// Every server failed since one worked: time to wait a little.
  bool all_tried() const { return tried_ > 0 && tried_ % servers_.size() == 0; }
  /// How often all were tried: which of a host's addresses is to be taken.
  size_t round() const { return (tried_ - 1) / servers_.size(); }
  size_t size() const { return servers_.size(); }

 private:
  std::vector<Endpoint> servers_;
  size_t at_ = servers_.size() - 1;
  size_t tried_ = 0;
};

}  // namespace kafkascope

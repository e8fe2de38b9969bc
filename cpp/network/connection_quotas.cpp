#include "network/connection_quotas.h"

#include "common/check.h"

namespace kafkascope {

void ConnectionQuotas::set_limits(ConnectionLimits limits) {
  Lock lock(mutex_);
  limits_ = std::move(limits);
}

bool ConnectionQuotas::try_add(const std::string& address) {
  Lock lock(mutex_);
  const auto found = counts_.find(address);
  const int now = found == counts_.end() ? 0 : found->second;
  if (total_ >= limits_.total || now >= limit_of(address)) return false;
  ++counts_[address];
  ++total_;
  return true;
}

void ConnectionQuotas::remove(const std::string& address) {
  Lock lock(mutex_);
  const auto found = counts_.find(address);
  KS_CHECK(found != counts_.end(), "a connection from " + address + " was never counted");
  if (--found->second == 0) counts_.erase(found);
  --total_;
}

int ConnectionQuotas::count() const {
  Lock lock(mutex_);
  return total_;
}

int ConnectionQuotas::limit_of(const std::string& address) const {
  const auto found = limits_.per_ip_overrides.find(address);
  return found != limits_.per_ip_overrides.end() ? found->second : limits_.per_ip;
}

}  // namespace kafkascope

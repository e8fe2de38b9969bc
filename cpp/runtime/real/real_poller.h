// RealPoller: readiness by epoll(7).
#pragma once

#include "runtime/network.h"

namespace kafkascope::real {

std::unique_ptr<Poller> make_real_poller();

}  // namespace kafkascope::real

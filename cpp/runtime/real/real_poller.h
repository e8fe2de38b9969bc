// RealPoller: readiness by Boost.Asio's reactor.
#pragma once

#include "runtime/network.h"

namespace kafkascope::real {

std::unique_ptr<Poller> make_real_poller();

}  // namespace kafkascope::real

// Network over Boost.Asio, which stays inside the .cpp files.
#pragma once

#include "runtime/network.h"

namespace kafkascope::real {

class RealNetwork : public Network {
 public:
  std::unique_ptr<Listener> listen(const Endpoint& address) override;
  std::unique_ptr<Connection> connect(const Endpoint& address) override;
  std::unique_ptr<Poller> make_poller() override;
  std::vector<std::string> resolve(const std::string& host) override;
};

}  // namespace kafkascope::real

#include "runtime/real/real_network.h"

#include <fmt/core.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>

#include "common/errors.h"
#include "runtime/real/real_poller.h"
#include "runtime/real/socket.h"

namespace kafkascope::real {
namespace {

using boost::asio::ip::tcp;

[[noreturn]] void fail(const char* call, const Endpoint& address, const std::string& reason) {
  throw KafkaException(ErrorCode::kNetworkException,
                       fmt::format("{} {}: {}", call, address.to_string(), reason));
}

/// IPv4 before IPv6, so that "localhost" reaches a broker that listens on 127.0.0.1.
std::vector<tcp::endpoint> lookup(const std::string& host, uint16_t port) {
  boost::asio::io_context context;
  boost::system::error_code error;
  const auto results = tcp::resolver(context).resolve(host, std::to_string(port), error);
  std::vector<tcp::endpoint> found;
  for (const bool v4 : {true, false}) {
    for (const auto& result : results) {
      if (result.endpoint().address().is_v4() == v4) found.push_back(result.endpoint());
    }
  }
  return found;
}

tcp::endpoint require(const char* call, const Endpoint& address) {
  const auto found = lookup(address.host, address.port);
  if (found.empty()) fail(call, address, "unknown host");
  return found.front();
}

}  // namespace

std::unique_ptr<Listener> RealNetwork::listen(const Endpoint& address) {
  const tcp::endpoint endpoint =
      require("listen", {address.host.empty() ? "0.0.0.0" : address.host, address.port});
  boost::asio::io_context context;
  tcp::acceptor acceptor(context);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) acceptor.native_non_blocking(true, error);
  if (error) fail("listen", address, error.message());
  return std::make_unique<RealListener>(acceptor.release());
}

std::unique_ptr<Connection> RealNetwork::connect(const Endpoint& address) {
  const tcp::endpoint endpoint = require("connect", address);
  boost::asio::io_context context;
  tcp::socket socket(context);
  boost::system::error_code error;
  socket.open(endpoint.protocol(), error);
  if (!error) socket.native_non_blocking(true, error);
  if (error) fail("connect", address, error.message());
  const int result =
      ::connect(socket.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  if (result < 0 && errno != EINPROGRESS) fail("connect", address, std::strerror(errno));
  return std::make_unique<RealConnection>(socket.release(), address);
}

std::unique_ptr<Poller> RealNetwork::make_poller() { return make_real_poller(); }

std::vector<std::string> RealNetwork::resolve(const std::string& host) {
  std::vector<std::string> addresses;
  for (const tcp::endpoint& endpoint : lookup(host, 0))
    addresses.push_back(endpoint.address().to_string());
  return addresses;
}

}  // namespace kafkascope::real

#include "runtime/real/socket.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/errors.h"
#include "runtime/file_system.h"

namespace kafkascope::real {
namespace {

constexpr size_t kMaxSlices = 64;

IoResult from_call(ssize_t count, bool zero_is_closed) {
  if (count > 0) return {IoStatus::kOk, static_cast<size_t>(count), {}};
  if (count == 0) return {zero_is_closed ? IoStatus::kClosed : IoStatus::kOk, 0, {}};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return {IoStatus::kWouldBlock, 0, {}};
  return {IoStatus::kError, 0, std::strerror(errno)};
}

Endpoint to_endpoint(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return {text, ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
  return {text, ntohs(v4.sin_port)};
}

Endpoint local_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) < 0) return {};
  return to_endpoint(address);
}

}  // namespace

RealConnection::RealConnection(int descriptor, Endpoint peer)
    : descriptor_(descriptor), peer_(std::move(peer)) {
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

IoResult RealConnection::finish_connect() {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
  if (error != 0) return {IoStatus::kError, 0, std::strerror(error)};
  sockaddr_storage address{};
  socklen_t address_size = sizeof(address);
  if (::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&address), &address_size) == 0)
    return {};
  return errno == ENOTCONN ? IoResult{IoStatus::kWouldBlock, 0, {}}
                           : IoResult{IoStatus::kError, 0, std::strerror(errno)};
}

IoResult RealConnection::read(MutableByteView into) {
  return from_call(::recv(descriptor_, into.data(), into.size(), 0), true);
}

IoResult RealConnection::write(std::span<const ByteView> slices) {
  iovec vectors[kMaxSlices];
  const size_t count = std::min(slices.size(), kMaxSlices);
  for (size_t i = 0; i < count; ++i)
    vectors[i] = {const_cast<uint8_t*>(slices[i].data()), slices[i].size()};
  msghdr message{};
  message.msg_iov = vectors;
  message.msg_iovlen = count;
  return from_call(::sendmsg(descriptor_, &message, MSG_NOSIGNAL), false);
}

IoResult RealConnection::send_file(File& file, uint64_t offset, size_t count) {
  auto position = static_cast<off_t>(offset);
  const ssize_t sent = ::sendfile(descriptor_, file.descriptor(), &position, count);
  // A segment shorter than its slice was truncated meanwhile: the answer cannot be completed.
  if (sent == 0 && count > 0)
    return {IoStatus::kError, 0, file.path() + " is shorter than the range to send"};
  return from_call(sent, false);
}

void RealConnection::set_send_buffer(int bytes) {
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

void RealConnection::set_receive_buffer(int bytes) {
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

void RealConnection::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

Endpoint RealConnection::local_endpoint() const { return local_of(descriptor_); }

std::unique_ptr<Connection> RealListener::accept() {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  const int accepted = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&address), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) return std::make_unique<RealConnection>(accepted, to_endpoint(address));
  if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
    throw KafkaException(ErrorCode::kUnknownServerError,
                         fmt::format("accept: {}", std::strerror(errno)));
  }
  return nullptr;  // none waits, or it has gone again
}

Endpoint RealListener::local_endpoint() const { return local_of(descriptor_); }

void RealListener::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace kafkascope::real

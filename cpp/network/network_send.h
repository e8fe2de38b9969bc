// NetworkSend: one frame on its way out, from memory and from files.
#pragma once

#include <string>
#include <vector>

#include "common/external_bytes.h"
#include "runtime/network.h"

namespace kafkascope {

/// A length and the parts behind it, for one destination. Remembers how far it got (Kafka's
/// NetworkSend). Not for several threads at once.
class NetworkSend {
 public:
  /// Prefixes the parts with their total size.
  NetworkSend(std::string destination, std::vector<Payload> parts);

  const std::string& destination() const { return destination_; }
  size_t size() const { return size_; }
  size_t remaining() const { return size_ - written_; }
  bool completed() const { return written_ == size_; }
  /// Moves as many bytes as the connection takes. kOk only when it is complete; kWouldBlock: call
  /// again when ready.
  IoResult write_to(Connection& connection);

 private:
  IoResult write_memory(Connection& connection);
  IoResult write_external(Connection& connection);
  void advance(size_t bytes);

  std::string destination_;
  std::vector<Payload> parts_;
  size_t part_ = 0;         // the part being written
  size_t part_offset_ = 0;  // how much of it has gone
  size_t size_ = 0;
  size_t written_ = 0;
};

}  // namespace kafkascope

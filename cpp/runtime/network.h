// Network: the third seam. Byte streams that never block, and one place where a network thread
// sleeps.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/bytes.h"
#include "runtime/clock.h"

namespace kafkascope {

class File;

struct Endpoint {
  std::string host;
  uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
  std::string to_string() const { return host + ":" + std::to_string(port); }
};

enum class IoStatus {
  kOk,          // `bytes` > 0 were moved, perhaps fewer than asked
  kWouldBlock,  // nothing can be moved now; the Poller will tell
  kClosed,      // the peer ended the stream (reads only)
  kError,       // reset, refused, broken: `error` says why
};

struct IoResult {
  IoStatus status = IoStatus::kOk;
  size_t bytes = 0;
  std::string error;
};

/// Something a Poller can watch: a Connection or a Listener.
class Pollable {
 public:
  virtual ~Pollable() = default;
};

/// One end of a byte stream. Reads and writes may be partial, never block, and are made by one
/// thread at a time.
class Connection : public Pollable {
 public:
  /// A connection made by Network::connect is not open yet: poll for kWrite, then ask. kWouldBlock:
  /// still under way.
  virtual IoResult finish_connect() = 0;
  virtual IoResult read(MutableByteView into) = 0;
  /// Gathers the slices in order, as many bytes as fit.
  virtual IoResult write(std::span<const ByteView> slices) = 0;
  /// Moves bytes of a file without passing them through the program (sendfile(2) in a real run).
  virtual IoResult send_file(File& file, uint64_t offset, size_t count) = 0;
  /// How much the system may hold of what is written and not yet acknowledged. In a simulation the
  /// link decides.
  virtual void set_send_buffer(int /*bytes*/) {}
  /// How much the system may hold of what has come and was not read yet. In a simulation the window
  /// is fixed.
  virtual void set_receive_buffer(int /*bytes*/) {}
  /// Ends the stream both ways. Bytes accepted by write are still delivered. Idempotent.
  virtual void close() = 0;
  virtual Endpoint local_endpoint() const = 0;
  virtual Endpoint peer_endpoint() const = 0;
};

class Listener : public Pollable {
 public:
  /// A connection that waits, or null. Throws KafkaException when the process may open no more
  /// descriptors.
  virtual std::unique_ptr<Connection> accept() = 0;
  virtual Endpoint local_endpoint() const = 0;
  virtual void close() = 0;
};

enum Interest : uint8_t { kNone = 0, kRead = 1, kWrite = 2 };

/// Level-triggered: what stays ready is reported again. Owned by one thread; only wakeup() may come
/// from others.
class Poller {
 public:
  struct Ready {
    uint64_t token;
    uint8_t events;  // of Interest; kRead also for end of stream and errors
  };
  virtual ~Poller() = default;
  /// Starts watching, or changes the interest. `token` comes back in Ready. The pollable must be
  /// removed before it is closed or destroyed.
  virtual void set_interest(Pollable& pollable, uint8_t interest, uint64_t token) = 0;
  virtual void remove(Pollable& pollable) = 0;
  /// Sleeps until something is ready, wakeup() is called, or the deadline passes; may return early
  /// with nothing. The span holds until the next call. Order: by token, so that no address or
  /// kernel order decides anything.
  virtual std::span<const Ready> wait(Instant deadline) = 0;
  virtual void wakeup() = 0;
};

/// Any thread may call. Addresses are names or numbers; a simulation knows the names of its nodes.
class Network {
 public:
  virtual ~Network() = default;
  /// Port 0 picks a free one. Throws KafkaException with the address when it is in use or not ours.
  virtual std::unique_ptr<Listener> listen(const Endpoint& address) = 0;
  /// Starts to connect; see Connection::finish_connect. Throws KafkaException when the name does
  /// not resolve.
  virtual std::unique_ptr<Connection> connect(const Endpoint& address) = 0;
  virtual std::unique_ptr<Poller> make_poller() = 0;
  /// All addresses of a host name, in a stable order; empty when it is not known.
  virtual std::vector<std::string> resolve(const std::string& host) = 0;
};

}  // namespace kafkascope

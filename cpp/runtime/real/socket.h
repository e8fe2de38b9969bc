// RealConnection and RealListener: non-blocking TCP sockets by descriptor, which any RealPoller can
// watch.
#pragma once

#include "runtime/network.h"

namespace kafkascope::real {

/// What RealPoller needs of a pollable.
class DescriptorHolder {
 public:
  virtual ~DescriptorHolder() = default;
  virtual int descriptor() const = 0;
};

class RealConnection : public Connection, public DescriptorHolder {
 public:
  /// Takes over a non-blocking socket. `peer` is what the caller asked for, or who came.
  RealConnection(int descriptor, Endpoint peer);
  ~RealConnection() override { close(); }

  IoResult finish_connect() override;
  IoResult read(MutableByteView into) override;
  IoResult write(std::span<const ByteView> slices) override;
  IoResult send_file(File& file, uint64_t offset, size_t count) override;
  void set_send_buffer(int bytes) override;
  void set_receive_buffer(int bytes) override;
  void close() override;
  Endpoint local_endpoint() const override;
  Endpoint peer_endpoint() const override { return peer_; }
  int descriptor() const override { return descriptor_; }

 private:
  int descriptor_;
  const Endpoint peer_;
};

class RealListener : public Listener, public DescriptorHolder {
 public:
  explicit RealListener(int descriptor) : descriptor_(descriptor) {}
  ~RealListener() override { close(); }

  std::unique_ptr<Connection> accept() override;
  Endpoint local_endpoint() const override;
  void close() override;
  int descriptor() const override { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace kafkascope::real

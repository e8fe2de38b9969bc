// RealRuntime: nodes on the operating system's clock, threads, sockets and files.
#pragma once

#include <memory>
#include <string>

#include "runtime/node.h"

namespace kafkascope::real {

/// Makes the nodes of a real run. All share one clock, network and file system; each has its own
/// random seed. Outlives its nodes. Any thread may call.
class RealRuntime {
 public:
  RealRuntime();
  ~RealRuntime();
  RealRuntime(const RealRuntime&) = delete;
  RealRuntime& operator=(const RealRuntime&) = delete;

  /// `tracer`, when given, receives the node's events and must outlive it.
  std::unique_ptr<Node> make_node(std::string name, Tracer* tracer = nullptr);

 private:
  struct Seams;
  std::unique_ptr<Seams> seams_;
};

}  // namespace kafkascope::real

// Node: all that one broker or client reaches the outside through. No globals, no singletons.
#pragma once

#include <functional>
#include <string>

#include "runtime/clock.h"
#include "runtime/random.h"
#include "runtime/trace.h"

namespace kafkascope {

class FileSystem;
class Network;
class Scheduler;

/// The five seams of one broker or client, handed to everything that it is made of. Made by
/// RealRuntime or SimRuntime, and outlives all that uses it. In a simulation a node can be crashed,
/// paused, and its clock skewed.
class Node {
 public:
  struct Seams {
    Clock& clock;
    Network& network;
    FileSystem& files;
    Random random;
    Scheduler* scheduler;  // null in a real run
    Tracer* tracer;        // null when nobody traces
  };

  Node(std::string name, Seams seams) : name_(std::move(name)), seams_(seams) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const std::string& name() const { return name_; }
  Clock& clock() { return seams_.clock; }
  Network& network() { return seams_.network; }
  FileSystem& files() { return seams_.files; }
  const Random& random() const { return seams_.random; }
  Tracer* tracer() { return seams_.tracer; }
  /// For the classes of threads.h only.
  Scheduler* scheduler() { return seams_.scheduler; }

  /// Blocks the calling thread; virtual time in a simulation.
  void sleep(Duration duration);
  /// A place where a lesson or a seed may switch threads. Free in a real run.
  void point(const char* name);
  /// Calls fn where code may run that needs an operating system's stack, such as Python's: here in
  /// a real run, on the scheduler's stack in a simulation.
  void outside(const std::function<void()>& fn);

 private:
  std::string name_;
  Seams seams_;
};

}  // namespace kafkascope

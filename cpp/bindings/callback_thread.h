// ProducerFuture and the thread that calls its callbacks.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "clients/producer/future_record_metadata.h"
#include "runtime/blocking_queue.h"

namespace kafkascope::bindings {

/// Calls Python when records are done, in the order in which callbacks were added, on a thread of
/// its own: the producer's network thread never waits for the GIL. Started by the first callback.
class CallbackThread {
 public:
  explicit CallbackThread(Node& node) : node_(node), jobs_(node, "callbacks") {}

  struct Job {
    FutureRecordMetadata future;
    pybind11::object on_success;  // or null
    pybind11::object on_error;    // or null
    bool drained = false;         // a mark: tells drain() that all before it are done
  };
  void add(Job job);
  /// Waits until every callback added so far has run. Without the GIL.
  void drain();
  /// As drain, then ends the thread. Without the GIL.
  void shutdown();

 private:
  void run();

  Node& node_;
  BlockingQueue<std::unique_ptr<Job>> jobs_;
  BlockingQueue<bool> marks_{node_, "callback marks"};
  std::unique_ptr<Thread> thread_;
};

/// Python's view of a FutureRecordMetadata, with the methods of kafka-python's futures.
class ProducerFuture {
 public:
  ProducerFuture(CallbackThread* callbacks, FutureRecordMetadata future)
      : callbacks_(callbacks), future_(std::move(future)) {}

  pybind11::object get(std::optional<double> timeout);
  bool done() const { return future_.done(); }
  bool succeeded() { return done() && future_.get().ok(); }
  bool failed() { return done() && !future_.get().ok(); }
  pybind11::object value();
  pybind11::object exception();
  ProducerFuture& add_callback(pybind11::object callback);
  ProducerFuture& add_errback(pybind11::object errback);

 private:
  CallbackThread* callbacks_;
  FutureRecordMetadata future_;
};

}  // namespace kafkascope::bindings

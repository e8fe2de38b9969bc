#include "bindings/callback_thread.h"

#include "bindings/casters.h"
#include "bindings/host.h"
#include "common/errors.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

void call(const CallbackThread::Job& job) {
  const Result<RecordMetadata> outcome = job.future.get();
  const py::gil_scoped_acquire acquired;
  try {
    if (outcome.ok() && job.on_success) job.on_success(to_python(*outcome));
    if (!outcome.ok() && job.on_error) job.on_error(to_exception(outcome.error()));
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable("a producer's callback");
  }
}

}  // namespace

void CallbackThread::add(Job job) {
  if (thread_ == nullptr)
    thread_ = std::make_unique<Thread>(node_, "producer-callbacks", [this] { run(); });
  jobs_.put(std::make_unique<Job>(std::move(job)));
}

void CallbackThread::run() {
  while (auto taken = jobs_.take()) {
    std::unique_ptr<Job> job = std::move(*taken);
    if (job->drained) {
      marks_.put(true);
      continue;
    }
    call(*job);
    const py::gil_scoped_acquire acquired;  // the job holds Python objects
    job.reset();
  }
}

void CallbackThread::drain() {
  if (thread_ == nullptr) return;
  auto mark = std::make_unique<Job>();
  mark->drained = true;
  if (jobs_.put(std::move(mark))) (void)marks_.take();
}

void CallbackThread::shutdown() {
  if (thread_ == nullptr) return;
  jobs_.close();
  thread_->join();
  thread_.reset();
}

py::object ProducerFuture::get(std::optional<double> timeout) {
  static auto* const node = make_real_node("python").release();
  if (!run_in_slices(*node, timeout,
                     [this](Instant deadline) { return future_.wait_until(deadline); })) {
    throw KafkaException(ErrorCode::kRequestTimedOut, "the record is not acknowledged yet");
  }
  const Result<RecordMetadata> outcome = future_.get();
  if (outcome.ok()) return to_python(*outcome);
  PyErr_SetObject(py::type::of(to_exception(outcome.error())).ptr(),
                  to_exception(outcome.error()).ptr());
  throw py::error_already_set();
}

py::object ProducerFuture::value() { return succeeded() ? to_python(*future_.get()) : py::none(); }
py::object ProducerFuture::exception() {
  return failed() ? to_exception(future_.get().error()) : py::none();
}

ProducerFuture& ProducerFuture::add_callback(py::object callback) {
  callbacks_->add({future_, std::move(callback), {}, false});
  return *this;
}

ProducerFuture& ProducerFuture::add_errback(py::object errback) {
  callbacks_->add({future_, {}, std::move(errback), false});
  return *this;
}

}  // namespace kafkascope::bindings

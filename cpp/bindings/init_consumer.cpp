// Consumer: KafkaConsumer over bytes; records become ConsumerRecord tuples.
#include "bindings/consumer_methods.h"
#include "bindings/host.h"
#include "bindings/init.h"
#include "bindings/record_maker.h"
#include "clients/wakeup_exception.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

class Consumer {
 public:
  explicit Consumer(const ConfigMap& config) : node_(make_real_node("consumer")) {
    consumer_ = std::make_unique<KafkaConsumer>(*node_, ConsumerConfig::parse(config));
  }
  ~Consumer() { close(0.0); }

  py::dict poll(double timeout, std::optional<int32_t> max_records) {
    require_assignment(core());
    ConsumerRecords records;
    const int32_t limit = max_records.value_or(consumer_->config().max_poll_records);
    try {
      run_in_slices(*node_, timeout, [&](Instant deadline) {
        records = consumer_->poll(deadline, limit);
        return !records.empty();
      });
    } catch (const WakeupException&) {
      return py::dict();
    }
    return maker_.to_dict(records);
  }
  void close(Timeout timeout) {
    if (std::exchange(closed_, true)) return;
    const py::gil_scoped_release released;
    consumer_->close(seconds(timeout.value_or(5.0)));
  }

  KafkaConsumer& core() {
    if (closed_) throw KafkaException(ErrorCode::kNone, "the consumer is closed");
    return *consumer_;
  }
  template <typename Function>
  auto at_once(const char* /*name*/, Function fn) {
    return fn(core());
  }
  /// Ctrl-C ends it.
  template <typename Function>
  auto waiting(const char* /*name*/, Timeout timeout, Function fn) {
    KafkaConsumer& consumer = core();
    Deadline deadline;
    if (timeout) deadline = deadline_after(node_->clock().monotonic(), seconds(timeout));
    using T = decltype(fn(consumer, deadline));
    std::conditional_t<std::is_void_v<T>, bool, T> result{};
    const auto call = [&] {
      if constexpr (std::is_void_v<T>) {
        fn(consumer, deadline);
      } else {
        result = fn(consumer, deadline);
      }
    };
    run_interruptible(*node_, call, [&] { consumer.wakeup(); });
    if constexpr (!std::is_void_v<T>) return result;
  }

 private:
  std::unique_ptr<Node> node_;
  std::unique_ptr<KafkaConsumer> consumer_;
  RecordMaker maker_;
  bool closed_ = false;
};

}  // namespace

void init_consumer(py::module_& m) {
  py::class_<Consumer> cls(m, "Consumer");
  cls.def(py::init<const ConfigMap&>(), py::arg("config"));
  define_consumer_methods(cls);
}

}  // namespace kafkascope::bindings

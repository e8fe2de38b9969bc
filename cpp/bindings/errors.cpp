// C++ exceptions as Python ones of the same names, in this one place.
#include "common/errors.h"
#include "bindings/init.h"
#include "clients/wakeup_exception.h"
#include "zookeeper/zk_types.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

py::object class_for(const KafkaException& error) {
  const py::module_ errors = py::module_::import("kafkascope.errors");
  if (dynamic_cast<const ConfigException*>(&error) != nullptr)
    return errors.attr("KafkaConfigurationError");
  switch (error.code()) {
    case ErrorCode::kRequestTimedOut:
      return errors.attr("KafkaTimeoutError");
    case ErrorCode::kBrokerNotAvailable:
      return errors.attr("NoBrokersAvailable");
    case ErrorCode::kNone:
      return errors.attr("IllegalStateError");
    default:
      return errors.attr("for_code")(static_cast<int>(error.code()));
  }
}

}  // namespace

void register_errors(py::module_&) {
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const KafkaException& error) {
      py::set_error(class_for(error), error.what());
    } catch (const zk::ZkException& error) {
      const py::module_ errors = py::module_::import("kafkascope.zookeeper_errors");
      py::set_error(errors.attr("for_name")(zk::to_string(error.code())), error.what());
    }
  });
}

}  // namespace kafkascope::bindings

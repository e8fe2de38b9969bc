#include "bindings/future_object.h"

#include <pybind11/stl.h>

#include <new>

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

struct FutureObject {
  PyObject_HEAD;
  PyObject* owner;
  ProducerFuture future;
};

PyTypeObject* future_type = nullptr;  // set once, when the module is loaded

void deallocate(PyObject* self) {
  auto* const object = reinterpret_cast<FutureObject*>(self);
  object->future.~ProducerFuture();
  Py_DECREF(object->owner);
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_Free(self);
  Py_DECREF(type);
}

ProducerFuture& future_of(py::handle self) {
  if (Py_TYPE(self.ptr()) != future_type) throw py::type_error("expected a FutureRecordMetadata");
  return reinterpret_cast<FutureObject*>(self.ptr())->future;
}

/// Methods and properties may be slow: they are pybind11's.
class Definer {
 public:
  explicit Definer(py::object type) : type_(std::move(type)) {}

  template <typename Function, typename... Extra>
  void method(const char* name, Function function, const Extra&... extra) {
    type_.attr(name) = py::cpp_function(function, py::name(name), py::is_method(type_), extra...);
  }
  template <typename Function>
  void property(const char* name, Function function) {
    const py::object property = py::module_::import("builtins").attr("property");
    type_.attr(name) = property(py::cpp_function(function, py::name(name), py::is_method(type_)));
  }

 private:
  py::object type_;
};

}  // namespace

void define_future(py::module_& m) {
  static PyType_Slot slots[] = {
      {Py_tp_dealloc, reinterpret_cast<void*>(&deallocate)},
      {Py_tp_doc, const_cast<char*>("The outcome of one record, when it is known.")},
      {0, nullptr}};
  static PyType_Spec spec = {"kafkascope._core.FutureRecordMetadata", sizeof(FutureObject), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  const auto type = py::reinterpret_steal<py::object>(PyType_FromSpec(&spec));
  if (!type) throw py::error_already_set();
  future_type = reinterpret_cast<PyTypeObject*>(type.ptr());
  m.attr("FutureRecordMetadata") = type;
  Definer define(type);
  define.method(
      "get",
      [](py::handle self, std::optional<double> timeout) { return future_of(self).get(timeout); },
      py::arg("timeout") = py::none(),
      "Waits up to `timeout` seconds for RecordMetadata; raises what the broker answered.");
  define.method(
      "add_callback",
      [](py::object self, py::object callback) {
        future_of(self).add_callback(std::move(callback));
        return self;
      },
      py::arg("callback"),
      "Calls callback(*args, metadata, **kwargs) once the record is acknowledged; returns the "
      "future.");
  define.method(
      "add_errback",
      [](py::object self, py::object errback) {
        future_of(self).add_errback(std::move(errback));
        return self;
      },
      py::arg("errback"),
      "Calls errback(*args, exception, **kwargs) if the record fails; returns the future.");
  define.method("succeeded", [](py::handle self) { return future_of(self).succeeded(); });
  define.method("failed", [](py::handle self) { return future_of(self).failed(); });
  define.property("is_done", [](py::handle self) { return future_of(self).done(); });
  define.property("value", [](py::handle self) { return future_of(self).value(); });
  define.property("exception", [](py::handle self) { return future_of(self).exception(); });
}

PyObject* make_future(ProducerFuture future, PyObject* owner) {
  auto* const object = PyObject_New(FutureObject, future_type);
  if (object == nullptr) throw py::error_already_set();
  object->owner = Py_NewRef(owner);
  new (&object->future) ProducerFuture(std::move(future));
  return reinterpret_cast<PyObject*>(object);
}

}  // namespace kafkascope::bindings

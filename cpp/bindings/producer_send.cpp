#include "bindings/producer_send.h"

#include <fmt/core.h>

#include <array>

#include "bindings/future_object.h"

namespace py = pybind11;

namespace kafkascope::bindings {
namespace {

constexpr const char* kCapsule = "kafkascope.Producer";
constexpr std::array kNames = {"topic", "value", "key", "headers", "partition", "timestamp_ms"};
constexpr size_t kCount = kNames.size();

using Slots = std::array<PyObject*, kCount>;

/// Where a keyword goes. Names in calls are interned: the first comparison nearly always settles
/// it.
size_t index_of(PyObject* name) {
  static const Slots interned = [] {
    Slots names{};
    for (size_t i = 0; i < kCount; ++i) names[i] = PyUnicode_InternFromString(kNames[i]);
    return names;
  }();
  for (size_t i = 0; i < kCount; ++i) {
    if (interned[i] == name) return i;
  }
  for (size_t i = 0; i < kCount; ++i) {
    if (PyUnicode_Compare(interned[i], name) == 0) return i;
  }
  throw py::type_error(fmt::format("send() got an unexpected keyword argument '{}'",
                                   py::handle(name).cast<std::string>()));
}

SendArguments parse(PyObject* const* arguments, size_t positional, PyObject* keywords) {
  if (positional > kCount) {
    throw py::type_error(fmt::format(
        "send() takes from 1 to {} positional arguments but {} were given", kCount, positional));
  }
  Slots slots{};
  std::copy_n(arguments, positional, slots.begin());
  const Py_ssize_t named = keywords == nullptr ? 0 : PyTuple_GET_SIZE(keywords);
  for (Py_ssize_t i = 0; i < named; ++i) {
    const size_t at = index_of(PyTuple_GET_ITEM(keywords, i));
    if (slots[at] != nullptr)
      throw py::type_error(fmt::format("send() got multiple values for argument '{}'", kNames[at]));
    slots[at] = arguments[positional + static_cast<size_t>(i)];
  }
  if (slots[0] == nullptr)
    throw py::type_error("send() missing 1 required positional argument: 'topic'");
  return {slots[0], slots[1], slots[2], slots[3], slots[4], slots[5]};
}

PyObject* send(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
  try {
    auto* const producer = static_cast<Producer*>(PyCapsule_GetPointer(self, kCapsule));
    const SendArguments parsed = parse(arguments, static_cast<size_t>(count), keywords);
    return make_future(producer->send(parsed), self);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (...) {
    py::detail::try_translate_exceptions();
  }
  return nullptr;
}

PyMethodDef send_definition = {
    "send", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&send)),
    METH_FASTCALL | METH_KEYWORDS,
    "send(topic, value=None, key=None, headers=None, partition=None, timestamp_ms=None)\n--\n\n"
    "Queues a record and returns its future."};

void drop_owner(PyObject* capsule) {
  Py_XDECREF(static_cast<PyObject*>(PyCapsule_GetContext(capsule)));
}

}  // namespace

py::object make_send(Producer& producer, const py::object& owner) {
  const auto capsule =
      py::reinterpret_steal<py::object>(PyCapsule_New(&producer, kCapsule, &drop_owner));
  if (!capsule) throw py::error_already_set();
  PyCapsule_SetContext(capsule.ptr(), py::object(owner).release().ptr());
  return py::reinterpret_steal<py::object>(PyCFunction_New(&send_definition, capsule.ptr()));
}

}  // namespace kafkascope::bindings

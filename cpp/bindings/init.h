// What module.cpp calls, one function a file.
#pragma once

#include <pybind11/pybind11.h>

namespace kafkascope::bindings {

void register_errors(pybind11::module_& m);  // errors.cpp
void init_config(pybind11::module_& m);
void init_protocol(pybind11::module_& m);
void init_record(pybind11::module_& m);
void init_log(pybind11::module_& m);
void init_live_log(pybind11::module_& m);
void init_purgatory(pybind11::module_& m);
void init_broker(pybind11::module_& m);
void init_zookeeper(pybind11::module_& m);
void init_zookeeper_client(pybind11::module_& m);
void init_producer(pybind11::module_& m);
void init_consumer(pybind11::module_& m);
void init_admin(pybind11::module_& m);
void init_simulation(pybind11::module_& m);
void init_sim_producer(pybind11::module_& m);
void init_sim_consumer(pybind11::module_& m);
void init_sim_admin(pybind11::module_& m);
void init_explorer(pybind11::module_& m);

}  // namespace kafkascope::bindings

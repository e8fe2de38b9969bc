// kafkascope._core: the C++ core as a Python module. One init_x a file.
#include <pybind11/pybind11.h>

#include "bindings/init.h"

PYBIND11_MODULE(_core, m) {
  using namespace kafkascope::bindings;  // NOLINT: the list below is all there is
  m.doc() = "The C++ core of kafkascope. Use the classes of the package instead.";
  register_errors(m);
  init_config(m);
  init_protocol(m);
  init_record(m);
  init_log(m);
  init_live_log(m);
  init_purgatory(m);
  init_broker(m);
  init_zookeeper(m);
  init_zookeeper_client(m);
  init_producer(m);
  init_consumer(m);
  init_admin(m);
  init_simulation(m);
  init_sim_producer(m);
  init_sim_consumer(m);
  init_sim_admin(m);
  init_explorer(m);
}

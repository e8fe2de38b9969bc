// What AddressSanitizer must be told of stacks; nothing in other builds.
#pragma once

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define KS_ADDRESS_SANITIZER 1
#endif

namespace kafkascope::sim {

/// The stack that a switch left, to come back to.
struct LeftStack {
  const void* bottom = nullptr;
  size_t size = 0;
};

#ifdef KS_ADDRESS_SANITIZER
/// `fake` keeps this stack's state until it is entered again; null: it never is.
inline void leave_stack(void** fake, LeftStack to) {
  __sanitizer_start_switch_fiber(fake, to.bottom, to.size);
}
inline void enter_stack(void* fake, LeftStack* from) {
  __sanitizer_finish_switch_fiber(fake, &from->bottom, &from->size);
}
inline void forget_poison(const void* begin, size_t size) {
  __asan_unpoison_memory_region(begin, size);
}
#else
inline void leave_stack(void**, LeftStack) {}
inline void enter_stack(void*, LeftStack*) {}
inline void forget_poison(const void*, size_t) {}
#endif

}  // namespace kafkascope::sim

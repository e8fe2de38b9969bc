// HugePageAllocator: memory for large tables that are read at random places.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace kafkascope {

/// A standard allocator. From 4 MiB on it asks the kernel for pages of 2 MiB: with those of 4 KiB
/// nearly every look-up in a table of 100 MiB must find its page first, which costs as much as the
/// look-up.
template <typename T>
struct HugePageAllocator {
  using value_type = T;
  static constexpr size_t kHugePage = size_t{2} << 20;

  HugePageAllocator() = default;
  template <typename U>
  HugePageAllocator(const HugePageAllocator<U>&) {}  // NOLINT: as the standard asks

  T* allocate(size_t count) {
    const size_t size = count * sizeof(T);
    if (size < 2 * kHugePage) return static_cast<T*>(::operator new(size));
    const size_t rounded = (size + kHugePage - 1) / kHugePage * kHugePage;
    void* memory = std::aligned_alloc(kHugePage, rounded);
    if (memory == nullptr) throw std::bad_alloc();
    (void)::madvise(memory, rounded, MADV_HUGEPAGE);  // a wish, no more
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, size_t count) {
    if (count * sizeof(T) < 2 * kHugePage) {
      ::operator delete(memory);
    } else {
      std::free(memory);
    }
  }
  bool operator==(const HugePageAllocator&) const { return true; }
};

}  // namespace kafkascope

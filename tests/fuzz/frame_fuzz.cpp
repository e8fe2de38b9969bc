// NetworkReceive: any bytes in any pieces give frames within the limit, or an error.
#include <algorithm>

#include "common/check.h"
#include "common/errors.h"
#include "network/network_receive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kafkascope;
  constexpr size_t kLimit = 4096;
  if (size == 0) return 0;
  const size_t piece = 1 + data[0] % 32;
  ByteView rest(data + 1, size - 1);
  NetworkReceive receive(kLimit);
  try {
    while (!rest.empty()) {
      const size_t taken = receive.feed(rest.first(std::min(piece, rest.size())));
      KS_CHECK(taken > 0 || receive.complete());
      rest = rest.subspan(taken);
      if (receive.complete()) KS_CHECK(receive.take().size() <= kLimit);
    }
  } catch (const KafkaException&) {
  }
  return 0;
}

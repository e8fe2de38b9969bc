#include "clients/consumer/consumer_record.h"

namespace kafkascope {

std::vector<ConsumerHeader> ConsumerRecord::parse_headers() const {
  std::vector<ConsumerHeader> parsed;
  parsed.reserve(static_cast<size_t>(header_count));
  headers.for_each([&parsed](const HeaderView& header) { parsed.push_back(header); });
  return parsed;
}

}  // namespace kafkascope

// The small files of a log directory: each parser accepts or refuses with its own exception; what
// is accepted is written and read again the same.
#include <cstdlib>

#include "common/errors.h"
#include "log/checkpoint/broker_metadata_checkpoint.h"
#include "log/checkpoint/checkpoint_file.h"
#include "log/checkpoint/leader_epoch_checkpoint_file.h"
#include "log/checkpoint/offset_checkpoint_file.h"
#include "log/checkpoint/partition_metadata_file.h"
#include "log/producer_state_snapshot.h"
#include "log/transaction_index.h"

namespace {

template <typename Function>
void parse(Function fn) {
  try {
    fn();
  } catch (const kafkascope::KafkaException&) {
  }
}

void require(bool holds) {
  if (!holds) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kafkascope;
  const ByteView bytes(data, size);
  const std::string_view text = as_text(bytes);
  parse([&] {
    std::vector<std::string> lines;
    parse_checkpoint("f", text, 0, [&](std::string_view line) { lines.emplace_back(line); });
    std::vector<std::string> again;
    parse_checkpoint("f", format_checkpoint(0, lines), 0,
                     [&](std::string_view line) { again.emplace_back(line); });
    require(again == lines);
  });
  parse([&] { (void)parse_offset_checkpoint_line(text); });
  parse([&] { (void)parse_leader_epoch_line(text); });
  parse([&] {
    const MetaProperties meta = parse_meta_properties("f", text);
    require(parse_meta_properties("f", format_meta_properties(meta)) == meta);
  });
  parse([&] { (void)parse_partition_metadata("f", text); });
  parse([&] {
    // A snapshot that is accepted says the same when it is written again.
    const auto entries = decode_producer_snapshot(bytes);
    require(decode_producer_snapshot(encode_producer_snapshot(entries)) == entries);
  });
  parse([&] {
    require(AbortedTxn::parse(AbortedTxn::parse(bytes).encode()) == AbortedTxn::parse(bytes));
  });
  return 0;
}

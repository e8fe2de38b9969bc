// Jute: how ZooKeeper writes its records, on the wire and in its files.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/byte_reader.h"
#include "common/byte_writer.h"

namespace kafkascope::zk {

/// Bytes of a znode; ZooKeeper tells null from empty.
using Data = std::optional<ByteBuffer>;
inline Data to_data(std::string_view text) { return ByteBuffer(text.begin(), text.end()); }

class JuteWriter;
class JuteReader;

/// A record lists its fields, in order, for both directions: `void fields(auto& v) { v(path, data);
/// }`.
template <typename T>
concept JuteRecord = requires(T record, JuteWriter& writer) { record.fields(writer); };

/// Numbers are big-endian; buffers and strings have a 4-byte length, -1 for null.
class JuteWriter {
 public:
  template <typename... Ts>
  void operator()(const Ts&... values) {
    (write(values), ...);
  }
  ByteBuffer take() { return out_.take(); }
  ByteWriter& out() { return out_; }

 private:
  void write(bool v) { out_.write_int8(v ? 1 : 0); }
  void write(int32_t v) { out_.write_int32(v); }
  void write(int64_t v) { out_.write_int64(v); }
  template <typename E>
    requires std::is_enum_v<E>
  void write(E v) {
    out_.write_int32(static_cast<int32_t>(v));
  }
  void write(const std::string& v) {
    out_.write_int32(static_cast<int32_t>(v.size()));
    out_.write_bytes(as_bytes(v));
  }
  void write(const Data& v) {
    out_.write_int32(v ? static_cast<int32_t>(v->size()) : -1);
    if (v) out_.write_bytes(*v);
  }
  template <typename T>
  void write(const std::vector<T>& v) {
    out_.write_int32(static_cast<int32_t>(v.size()));
    for (const T& item : v) write(item);
  }
  template <JuteRecord T>
  void write(const T& record) {
    const_cast<T&>(record).fields(*this);
  }

  ByteWriter out_;
};

/// Bytes that may be hostile: every length is checked against what is left. Throws
/// SerializationException.
class JuteReader {
 public:
  explicit JuteReader(ByteView bytes) : in_(bytes) {}

  template <typename... Ts>
  void operator()(Ts&... values) {
    (read(values), ...);
  }
  ByteReader& in() { return in_; }

 private:
  void read(bool& v) { v = in_.read_int8() != 0; }
  void read(int32_t& v) { v = in_.read_int32(); }
  void read(int64_t& v) { v = in_.read_int64(); }
  template <typename E>
    requires std::is_enum_v<E>
  void read(E& v) {
    v = static_cast<E>(in_.read_int32());
  }
  void read(std::string& v) {
    const ByteView bytes = in_.read_bytes(length());
    v.assign(as_text(bytes));
  }
  void read(Data& v) {
    const int32_t size = in_.read_int32();
    if (size < -1) in_.fail("negative length");
    v.reset();
    if (size < 0) return;
    const ByteView bytes = in_.read_bytes(static_cast<size_t>(size));
    v.emplace(bytes.begin(), bytes.end());
  }
  template <typename T>
  void read(std::vector<T>& v) {
    const size_t count = length();
    if (count > in_.remaining()) in_.fail("more items than bytes");  // each takes one at the least
    v.clear();
    for (size_t i = 0; i < count; ++i) read(v.emplace_back());
  }
  template <JuteRecord T>
  void read(T& record) {
    record.fields(*this);
  }
  /// ZooKeeper's null strings and vectors read as empty.
  size_t length() {
    const int32_t size = in_.read_int32();
    if (size < -1) in_.fail("negative length");
    return size < 0 ? 0 : static_cast<size_t>(size);
  }

  ByteReader in_;
};

/// The records one behind the other, as the body of a frame or a log entry.
template <typename... Ts>
ByteBuffer encode(const Ts&... records) {
  JuteWriter writer;
  (writer(records), ...);
  return writer.take();
}

/// The record that the bytes begin with. Throws SerializationException.
template <typename T>
T decode(ByteView bytes) {
  T record;
  JuteReader reader(bytes);
  reader(record);
  return record;
}

}  // namespace kafkascope::zk

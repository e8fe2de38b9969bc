// The two ways an operation fails: Result for what a caller is expected to handle, KafkaException
// for what ends it.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "common/check.h"
#include "common/error_code.h"

namespace kafkascope {

/// Ends an operation. KafkaApis turns it into a response code, the bindings into a Python exception
/// of the same name. The message says what was wrong, with the value, and what would be right.
class KafkaException : public std::runtime_error {
 public:
  KafkaException(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// A file could not be read or written: its log directory goes offline (KAFKA_STORAGE_ERROR, 56).
class KafkaStorageException : public KafkaException {
 public:
  explicit KafkaStorageException(const std::string& message)
      : KafkaException(ErrorCode::kKafkaStorageError, message) {}
};

/// Bytes from outside that do not follow their format. Names the byte offset and the field.
class SerializationException : public KafkaException {
 public:
  explicit SerializationException(const std::string& message)
      : KafkaException(ErrorCode::kInvalidRequest, message) {}
};

/// A configuration key or value that is not accepted (Kafka's ConfigException).
class ConfigException : public KafkaException {
 public:
  explicit ConfigException(const std::string& message)
      : KafkaException(ErrorCode::kInvalidConfig, message) {}
};

/// A code with its words, as half of a Result.
struct Error {
  ErrorCode code = ErrorCode::kUnknownServerError;
  std::string message;
};

/// A value or an Error. Asking for the half that is not there is a programmer's error and aborts.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: meant to convert
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: meant to convert
  Result(ErrorCode code, std::string message = {}) : Result(Error{code, std::move(message)}) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return value(); }

  const Error& error() const {
    KS_CHECK(!ok(), "Result holds a value, not an error");
    return std::get<1>(state_);
  }
  ErrorCode code() const { return ok() ? ErrorCode::kNone : error().code; }

 private:
  T& checked() {
    KS_CHECK(ok(),
             "Result holds an error: " + (ok() ? std::string() : std::get<1>(state_).message));
    return std::get<0>(state_);
  }
  std::variant<T, Error> state_;
};

}  // namespace kafkascope

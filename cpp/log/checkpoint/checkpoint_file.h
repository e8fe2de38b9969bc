// CheckpointFile: a small text file of entries that is old or new, never a mixture.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/bytes.h"

namespace kafkascope {

class FileSystem;

/// Reads "version\ncount\n" and one entry a line; calls entry(line) for each. Throws
/// KafkaStorageException with the file's name and line for anything else.
void parse_checkpoint(std::string_view name, std::string_view text, int expected_version,
                      const std::function<void(std::string_view line)>& entry);
std::string format_checkpoint(int version, const std::vector<std::string>& lines);

/// Splits a line at single spaces from the right: the first of `fields` may hold spaces. Throws
/// KafkaStorageException when there are fewer.
std::vector<std::string_view> checkpoint_fields(std::string_view line, size_t fields);
/// Throws KafkaStorageException for what is no decimal number.
int64_t checkpoint_number(std::string_view text);

/// Kafka's CheckpointFile. Not for several writers of one path at once.
class CheckpointFile {
 public:
  CheckpointFile(FileSystem& files, std::string path, int version)
      : files_(files), path_(std::move(path)), version_(version) {}

  /// Nothing is called when there is no file.
  void read(const std::function<void(std::string_view line)>& entry) const;
  /// Durable when it returns.
  void write(const std::vector<std::string>& lines) const;
  const std::string& path() const { return path_; }

 private:
  FileSystem& files_;
  const std::string path_;
  const int version_;
};

}  // namespace kafkascope

// FileSystem: the fourth seam. What a log needs of a disk, in the operations at which a disk can
// fail.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/bytes.h"

namespace kafkascope {

/// An open file. All calls throw KafkaStorageException with path and reason on an I/O error.
/// Positional calls may come from several threads. What was written is durable after sync() only.
class File {
 public:
  virtual ~File() = default;
  /// Reads up to into.size() bytes at offset; fewer only at the end of the file.
  virtual size_t pread(MutableByteView into, uint64_t offset) = 0;
  virtual void pwrite(ByteView bytes, uint64_t offset) = 0;
  /// Writes at the end: one system call for all slices.
  virtual void append(std::span<const ByteView> slices) = 0;
  virtual void sync() = 0;
  virtual void truncate(uint64_t size) = 0;
  virtual uint64_t size() = 0;
  virtual const std::string& path() const = 0;
  /// The descriptor for sendfile, or -1 in a simulation. For runtime/real only.
  virtual int descriptor() const { return -1; }
};

/// A file's bytes in memory, written back by the disk when it likes or at sync().
class MappedFile {
 public:
  virtual ~MappedFile() = default;
  virtual MutableByteView bytes() = 0;
  virtual void sync() = 0;
};

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // made when absent, kept when present
  kCreateNew,  // made; an existing one is an error
  kTruncate,   // made, or emptied
};

/// A node's disk. Paths are absolute or relative to the process; '/' separates. Throws
/// KafkaStorageException.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual std::unique_ptr<File> open(const std::string& path, OpenMode mode) = 0;
  /// Maps the first `size` bytes; the file is grown to that size first when it is shorter.
  virtual std::unique_ptr<MappedFile> map(const std::string& path, uint64_t size) = 0;
  /// Atomic; replaces `to`. Durable after sync_dir of the directory.
  virtual void rename(const std::string& from, const std::string& to) = 0;
  /// Removes a file or an empty directory. False when there was none.
  virtual bool remove(const std::string& path) = 0;
  virtual void create_directories(const std::string& path) = 0;
  /// Names (not paths) in a directory, sorted.
  virtual std::vector<std::string> list(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  virtual bool is_directory(const std::string& path) = 0;
  /// Makes creations, renames and removals in the directory durable.
  virtual void sync_dir(const std::string& path) = 0;
  virtual uint64_t free_bytes(const std::string& path) = 0;
  /// Wall-clock milliseconds of the last write to the file.
  virtual int64_t modified_ms(const std::string& path) = 0;
  /// What modified_ms says from now on, until the next write.
  virtual void set_modified_ms(const std::string& path, int64_t modified_ms) = 0;
  /// Takes an exclusive lock that a crash releases, or returns null when another holds it (Kafka's
  /// .lock file).
  virtual std::unique_ptr<File> try_lock(const std::string& path) = 0;
};

/// The whole file as bytes.
ByteBuffer read_file(FileSystem& files, const std::string& path);
/// Writes path.tmp, syncs it, renames it to path and syncs the directory: old or new, never a
/// mixture.
void write_file_atomically(FileSystem& files, const std::string& path, ByteView content);
/// Removes a file or a directory with all that is in it.
void remove_all(FileSystem& files, const std::string& path);
/// "/data/a-0" for "/data/a-0/x.log"; "." without a slash.
std::string parent_path(const std::string& path);

}  // namespace kafkascope

// SimFileSystem: a disk in memory that forgets what was not synced when it crashes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/clock.h"
#include "runtime/file_system.h"
#include "runtime/random.h"
#include "runtime/sim/disk_inode.h"
#include "runtime/sim/fiber.h"

namespace kafkascope::sim {

class SimScheduler;

enum class DiskOperation { kOpen, kRead, kWrite, kSync, kTruncate, kRename, kRemove, kSyncDir };

/// How long the calling thread waits, in virtual time.
struct DiskSpeed {
  Duration read{};
  Duration write{};
  Duration sync = std::chrono::microseconds(500);
  uint64_t bytes_per_second = 0;  // written; 0: no limit
};

/// Calls of this kind on paths that begin so fail with KafkaStorageException.
struct DiskFault {
  DiskOperation operation = DiskOperation::kWrite;
  std::string path_prefix;
  int skip = 0;       // let so many pass first
  int count = -1;     // then fail so many; -1: all
  double chance = 1;  // that one of those fails
  std::string error = "Input/output error";
};

/// Unsynced data survives, vanishes or tears page by page; directory entries whose directory was
/// not synced come and go one by one. Calls of fibers take virtual time and are places where
/// threads switch; who looks on from outside waits for nothing.
class SimFileSystem : public FileSystem {
 public:
  /// Without a scheduler no call takes time. `chances` decides what fails by chance.
  explicit SimFileSystem(Clock& clock, SimScheduler* scheduler = nullptr,
                         RandomStream chances = Random(0).stream("disk faults"))
      : clock_(clock), scheduler_(scheduler), chances_(chances) {}

  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
  std::unique_ptr<MappedFile> map(const std::string& path, uint64_t size) override;
  void rename(const std::string& from, const std::string& to) override;
  bool remove(const std::string& path) override;
  void create_directories(const std::string& path) override;
  std::vector<std::string> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  void sync_dir(const std::string& path) override;
  uint64_t free_bytes(const std::string& path) override;
  int64_t modified_ms(const std::string& path) override;
  void set_modified_ms(const std::string& path, int64_t modified_ms) override;
  std::unique_ptr<File> try_lock(const std::string& path) override;

  DiskSpeed speed;
  /// Bytes in all files that the disk can hold.
  uint64_t limit_bytes = INT64_MAX;
  /// Told of each failed call.
  std::function<void(const char* fault, const std::string& path)> on_fault;

  void add_fault(DiskFault fault) { faults_.push_back(std::move(fault)); }
  void clear_faults() { faults_.clear(), failing_.clear(); }
  /// Every call on paths with this prefix fails. Empty: none.
  void fail_below(std::string prefix) { failing_ = std::move(prefix); }
  /// Flips a bit of a stored byte.
  void rot(const std::string& path, uint64_t offset);

  /// Every call is refused from now on: the node is being unwound.
  void crash() { crashed_ = true; }
  /// The crash comes before the n-th change from now on (0: the next one): who makes it, or comes
  /// to the disk later, goes no further. -1: no crash.
  void crash_after(int changes) { changes_left_ = changes; }
  bool crashed() const { return crashed_; }
  /// The disk is there again as it was: only the process died. All open files are void.
  void reopen();
  /// The power was lost: the disk comes back with what survived. All open files are void.
  void restart(RandomStream& random, const Survival& survival = {});
  /// Another, empty disk is put in. All open files are void.
  void wipe();
  int changes() const { return changes_; }
  /// A file's bytes for who looks on from outside, whatever fails; null: there is no such file.
  const ByteBuffer* content(const std::string& path) const;
  /// The paths of all files, sorted.
  std::vector<std::string> paths() const;

 private:
  using Inode = std::shared_ptr<DiskInode>;
  using Names = std::map<std::string, Inode>;
  /// One change of a directory: `remove` goes, then `add` names the inode. Either may be empty.
  struct NameChange {
    std::string remove, add;
    Inode inode;
  };
  class OpenFile;
  class Mapping;

  void begin(DiskOperation operation, const std::string& path);
  void take(Duration time);
  void take_for(size_t bytes);
  void fail_if_asked(DiskOperation operation, const std::string& path);
  void change(const std::string& path);
  void check(const std::string& path) const;
  [[noreturn]] void stop_here() const;
  void reserve(const std::string& path, uint64_t more);
  uint64_t used_bytes() const;
  Inode find(const std::string& path);
  Inode create(const std::string& path, bool directory);
  static void rename_in(Names& names, const NameChange& change);
  [[noreturn]] void fail(const std::string& path, const std::string& error) const;

  Clock& clock_;
  SimScheduler* const scheduler_;
  RandomStream chances_;
  Names names_, durable_names_;
  std::vector<NameChange> pending_;
  std::vector<DiskFault> faults_;
  std::string failing_;
  uint64_t life_ = 0;  // how often it came back
  int changes_left_ = -1;
  int changes_ = 0;
  bool crashed_ = false;
};

}  // namespace kafkascope::sim

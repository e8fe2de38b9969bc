// SimFileSystem: a disk in memory that forgets what was not synced when it crashes.
#pragma once

#include <map>
#include <set>

#include "runtime/clock.h"
#include "runtime/file_system.h"
#include "runtime/random.h"
#include "runtime/sim/fiber.h"

namespace kafkascope::sim {

/// For one thread. Unsynced data survives, vanishes or tears page by page; directory entries whose
/// directory was not synced come and go one by one.
class SimFileSystem : public FileSystem {
 public:
  explicit SimFileSystem(Clock& clock) : clock_(clock) {}

  std::unique_ptr<File> open(const std::string& path, OpenMode mode) override;
  std::unique_ptr<MappedFile> map(const std::string& path, uint64_t size) override;
  void rename(const std::string& from, const std::string& to) override;
  bool remove(const std::string& path) override;
  void create_directories(const std::string& path) override;
  std::vector<std::string> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_directory(const std::string& path) override;
  void sync_dir(const std::string& path) override;
  uint64_t free_bytes(const std::string&) override { return INT64_MAX; }
  int64_t modified_ms(const std::string& path) override;
  std::unique_ptr<File> try_lock(const std::string& path) override;

  /// Every call is refused from now on: the node is being unwound.
  void crash() { crashed_ = true; }
  /// The crash comes before the n-th change from now on (0: the next one).
  void crash_after(int changes) { changes_left_ = changes; }
  /// The disk comes back with what survived. All open files are void.
  void restart(RandomStream& random);
  /// Calls on paths with this prefix fail with KafkaStorageException. Empty: none.
  void fail_below(std::string prefix) { failing_ = std::move(prefix); }
  int changes() const { return changes_; }

 private:
  struct Inode {
    bool directory = false;
    ByteBuffer content;
    ByteBuffer durable;
    int64_t modified_ms = 0;
    bool locked = false;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  /// One change of a directory: `remove` goes, then `add` names the inode. Either may be empty.
  struct NameChange {
    std::string remove, add;
    std::shared_ptr<Inode> inode;
  };
  class OpenFile;
  class Mapping;

  void change(const std::string& path);
  void check(const std::string& path) const;
  std::shared_ptr<Inode> find(const std::string& path);
  void rename_in(Names& names, const NameChange& change);
  static ByteBuffer survivor(const Inode& inode, RandomStream& random);

  Clock& clock_;
  Names names_, durable_names_;
  std::vector<NameChange> pending_;
  int changes_left_ = -1;
  int changes_ = 0;
  bool crashed_ = false;
  std::string failing_;
};

}  // namespace kafkascope::sim

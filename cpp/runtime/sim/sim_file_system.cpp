#include "runtime/sim/sim_file_system.h"

#include <algorithm>

#include "common/check.h"
#include "common/errors.h"
#include "runtime/sim/sim_scheduler.h"

namespace kafkascope::sim {

// --- open files ---

class SimFileSystem::OpenFile : public File {
 public:
  OpenFile(SimFileSystem& disk, std::string path, Inode inode, bool lock)
      : disk_(disk),
        path_(std::move(path)),
        inode_(std::move(inode)),
        lock_(lock),
        life_(disk.life_) {
    if (lock_) inode_->locked = true;
  }
  ~OpenFile() override {
    if (lock_) inode_->locked = false;
  }
  size_t pread(MutableByteView into, uint64_t offset) override {
    begin(DiskOperation::kRead);
    const ByteBuffer& content = inode_->content();
    if (offset >= content.size()) return 0;
    const size_t count = std::min(into.size(), content.size() - offset);
    std::copy_n(content.begin() + static_cast<ptrdiff_t>(offset), count, into.begin());
    return count;
  }
  void pwrite(ByteView bytes, uint64_t offset) override {
    begin(DiskOperation::kWrite);
    disk_.take_for(bytes.size());
    write(bytes, offset);
  }
  void append(std::span<const ByteView> slices) override {
    begin(DiskOperation::kWrite);
    for (const ByteView slice : slices) disk_.take_for(slice.size());
    for (const ByteView slice : slices) write(slice, inode_->content().size());
  }
  void sync() override {
    begin(DiskOperation::kSync);
    disk_.change(path_);
    inode_->sync();
  }
  void truncate(uint64_t size) override {
    begin(DiskOperation::kTruncate);
    disk_.change(path_);
    inode_->resize(size);
    inode_->modified_ms = disk_.clock_.wall_ms();
  }
  uint64_t size() override {
    disk_.check(path_);
    return inode_->content().size();
  }
  const std::string& path() const override { return path_; }

 private:
  void begin(DiskOperation operation) {
    disk_.begin(operation, path_);
    if (life_ != disk_.life_) disk_.fail(path_, "opened before the crash");
  }
  void write(ByteView bytes, uint64_t offset) {
    const uint64_t end = offset + bytes.size();
    const uint64_t size = inode_->content().size();
    if (end > size) disk_.reserve(path_, end - size);
    disk_.change(path_);
    inode_->write(bytes, offset);
    inode_->modified_ms = disk_.clock_.wall_ms();
  }

  SimFileSystem& disk_;
  const std::string path_;
  const Inode inode_;
  const bool lock_;
  const uint64_t life_;
};

class SimFileSystem::Mapping : public MappedFile {
 public:
  Mapping(SimFileSystem& disk, std::string path, Inode inode, size_t size)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)), bytes_(inode_->map(size)) {}
  ~Mapping() override { inode_->unmap(); }
  MutableByteView bytes() override { return bytes_; }
  void sync() override {
    disk_.begin(DiskOperation::kSync, path_);
    disk_.change(path_);
    inode_->sync();
  }

 private:
  SimFileSystem& disk_;
  const std::string path_;
  const Inode inode_;
  const MutableByteView bytes_;
};

// --- what every call goes through ---

void SimFileSystem::check(const std::string& path) const {
  if (crashed_) stop_here();
  if (!failing_.empty() && path.starts_with(failing_)) fail(path, "Input/output error");
}

/// A fiber waits for its node's crash, which unwinds all threads in their order.
void SimFileSystem::stop_here() const {
  if (scheduler_ != nullptr && scheduler_->current() != nullptr && !scheduler_->unwinding()) {
    WaitQueue crash{.kind = "disk", .name = "the crash of its node"};
    scheduler_->wait(crash, kForever);
  }
  throw FiberKilled{};
}

void SimFileSystem::fail(const std::string& path, const std::string& error) const {
  if (on_fault) on_fault(error.c_str(), path);
  throw KafkaStorageException(path + ": " + error);
}

void SimFileSystem::fail_if_asked(DiskOperation operation, const std::string& path) {
  for (DiskFault& fault : faults_) {
    if (fault.operation != operation || !path.starts_with(fault.path_prefix)) continue;
    if (fault.skip-- > 0) continue;
    fault.skip = 0;
    if (fault.count == 0 || (fault.chance < 1 && !chances_.chance(fault.chance))) continue;
    if (fault.count > 0) --fault.count;
    fail(path, fault.error);
  }
}

/// Takes the operation's time, during which others run, then does its fault.
void SimFileSystem::begin(DiskOperation operation, const std::string& path) {
  check(path);
  const bool syncs = operation == DiskOperation::kSync || operation == DiskOperation::kSyncDir;
  take(syncs ? speed.sync : operation == DiskOperation::kRead ? speed.read : speed.write);
  check(path);
  fail_if_asked(operation, path);
}

void SimFileSystem::take(Duration time) {
  if (scheduler_ == nullptr || scheduler_->current() == nullptr)
    return;  // somebody looks on from outside
  scheduler_->switch_point("disk");
  if (time == Duration::zero()) return;
  WaitQueue busy{.kind = "disk", .name = "disk"};
  scheduler_->wait(busy, deadline_after(scheduler_->now(), time));
}

void SimFileSystem::take_for(size_t bytes) {
  if (speed.bytes_per_second == 0) return;
  take(std::chrono::nanoseconds(bytes * 1'000'000'000 / speed.bytes_per_second));
}

void SimFileSystem::change(const std::string& path) {
  check(path);
  if (changes_left_ == 0) {
    crashed_ = true;
    stop_here();
  }
  if (changes_left_ > 0) --changes_left_;
  ++changes_;
}

uint64_t SimFileSystem::used_bytes() const {
  uint64_t used = 0;
  for (const auto& [path, inode] : names_) used += inode->content().size();
  return used;
}

void SimFileSystem::reserve(const std::string& path, uint64_t more) {
  if (limit_bytes == INT64_MAX) return;
  if (used_bytes() + more > limit_bytes) fail(path, "No space left on device");
}

uint64_t SimFileSystem::free_bytes(const std::string& path) {
  check(path);
  if (limit_bytes == INT64_MAX) return limit_bytes;
  return limit_bytes - std::min(limit_bytes, used_bytes());
}

// --- names ---

SimFileSystem::Inode SimFileSystem::find(const std::string& path) {
  const auto at = names_.find(path);
  return at == names_.end() ? nullptr : at->second;
}

SimFileSystem::Inode SimFileSystem::create(const std::string& path, bool directory) {
  change(path);
  auto inode = std::make_shared<DiskInode>(directory);
  inode->modified_ms = clock_.wall_ms();
  names_[path] = inode;
  pending_.push_back({"", path, inode});
  return inode;
}

std::unique_ptr<File> SimFileSystem::open(const std::string& path, OpenMode mode) {
  begin(DiskOperation::kOpen, path);
  Inode inode = find(path);
  const bool must_exist = mode == OpenMode::kRead || mode == OpenMode::kReadWrite;
  if (!inode && must_exist) throw KafkaStorageException("open " + path + ": No such file");
  if (inode && mode == OpenMode::kCreateNew)
    throw KafkaStorageException("open " + path + ": File exists");
  if (inode && inode->directory) throw KafkaStorageException("open " + path + ": Is a directory");
  if (!inode) {
    if (!is_directory(parent_path(path)))
      throw KafkaStorageException("open " + path + ": no directory");
    inode = create(path, false);
  } else if (mode == OpenMode::kTruncate) {
    change(path);
    inode->resize(0);
  }
  return std::make_unique<OpenFile>(*this, path, inode, false);
}

std::unique_ptr<MappedFile> SimFileSystem::map(const std::string& path, uint64_t size) {
  const auto file = open(path, OpenMode::kCreate);
  const Inode inode = find(path);
  const uint64_t had = inode->content().size();
  if (had < size) reserve(path, size - had), file->truncate(size);
  return std::make_unique<Mapping>(*this, path, inode, size);
}

void SimFileSystem::rename_in(Names& names, const NameChange& change) {
  // A directory takes what is in it along.
  Names moved;
  if (!change.remove.empty()) {
    names.erase(change.remove);
    const std::string prefix = change.remove + "/";
    for (auto at = names.lower_bound(prefix); at != names.end() && at->first.starts_with(prefix);) {
      if (!change.add.empty())
        moved[change.add + "/" + at->first.substr(prefix.size())] = at->second;
      at = names.erase(at);
    }
  }
  if (!change.add.empty()) names[change.add] = change.inode;
  for (auto& [path, inode] : moved) names[path] = inode;
}

void SimFileSystem::rename(const std::string& from, const std::string& to) {
  begin(DiskOperation::kRename, from);
  change(from);
  const auto inode = find(from);
  if (!inode) throw KafkaStorageException("rename " + from + ": No such file");
  const NameChange rename{from, to, inode};
  rename_in(names_, rename);
  pending_.push_back(rename);
}

bool SimFileSystem::remove(const std::string& path) {
  begin(DiskOperation::kRemove, path);
  const auto inode = find(path);
  if (!inode) return false;
  if (inode->directory && !list(path).empty())
    throw KafkaStorageException("remove " + path + ": Directory not empty");
  change(path);
  names_.erase(path);
  pending_.push_back({path, "", nullptr});
  return true;
}

void SimFileSystem::create_directories(const std::string& path) {
  check(path);
  if (path.empty() || path == "/" || is_directory(path)) return;
  create_directories(parent_path(path));
  create(path, true);
}

std::vector<std::string> SimFileSystem::list(const std::string& path) {
  check(path);
  std::vector<std::string> found;
  const std::string prefix = path == "/" ? path : path + "/";
  for (auto at = names_.lower_bound(prefix); at != names_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    std::string name = at->first.substr(prefix.size());
    if (!name.empty() && name.find('/') == std::string::npos) found.push_back(std::move(name));
  }
  return found;
}

bool SimFileSystem::exists(const std::string& path) {
  check(path);
  return path == "/" || find(path) != nullptr;
}

bool SimFileSystem::is_directory(const std::string& path) {
  check(path);
  const auto inode = find(path);
  return path == "/" || path.empty() || (inode && inode->directory);
}

void SimFileSystem::sync_dir(const std::string& path) {
  begin(DiskOperation::kSyncDir, path);
  change(path);
  std::erase_if(pending_, [&](const NameChange& change) {
    const std::string& name = change.add.empty() ? change.remove : change.add;
    if (parent_path(name) != path) return false;
    rename_in(durable_names_, change);
    return true;
  });
}

int64_t SimFileSystem::modified_ms(const std::string& path) {
  check(path);
  const auto inode = find(path);
  if (!inode) throw KafkaStorageException("stat " + path + ": No such file");
  return inode->modified_ms;
}

void SimFileSystem::set_modified_ms(const std::string& path, int64_t modified_ms) {
  check(path);
  const auto inode = find(path);
  if (!inode) throw KafkaStorageException("touch " + path + ": No such file");
  inode->modified_ms = modified_ms;
}

std::unique_ptr<File> SimFileSystem::try_lock(const std::string& path) {
  open(path, OpenMode::kCreate);
  const auto inode = find(path);
  if (inode->locked) return nullptr;
  return std::make_unique<OpenFile>(*this, path, inode, true);
}

// --- from outside ---

const ByteBuffer* SimFileSystem::content(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() || found->second->directory ? nullptr : &found->second->content();
}

std::vector<std::string> SimFileSystem::paths() const {
  std::vector<std::string> files;
  for (const auto& [path, inode] : names_) {
    if (!inode->directory) files.push_back(path);
  }
  return files;
}

void SimFileSystem::rot(const std::string& path, uint64_t offset) {
  const auto inode = find(path);
  KS_CHECK(inode != nullptr, "no file to rot: " + path);
  inode->flip_bit(offset);
}

void SimFileSystem::reopen() {
  for (auto& [path, inode] : names_) inode->locked = false;
  ++life_;
  crashed_ = false;
  changes_left_ = -1;
}

void SimFileSystem::wipe() {
  names_.clear();
  durable_names_.clear();
  pending_.clear();
  reopen();
}

void SimFileSystem::restart(RandomStream& random, const Survival& survival) {
  Names names = durable_names_;
  for (const NameChange& change : pending_) {
    if (random.chance(survival.names)) rename_in(names, change);
  }
  // What lies in a directory that is gone is gone.
  for (auto at = names.begin(); at != names.end();) {
    const std::string parent = parent_path(at->first);
    const bool orphan = parent != "/" && !names.contains(parent);
    at = orphan ? names.erase(at) : std::next(at);
  }
  for (auto& [path, inode] : names) inode = inode->survivor(random, survival);
  names_ = names;
  durable_names_ = names;
  pending_.clear();
  reopen();
}

}  // namespace kafkascope::sim

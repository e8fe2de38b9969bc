#include "runtime/sim/sim_file_system.h"

#include <algorithm>

#include "common/errors.h"

namespace kafkascope::sim {
namespace {

constexpr size_t kPage = 4096;

}  // namespace

class SimFileSystem::OpenFile : public File {
 public:
  OpenFile(SimFileSystem& disk, std::string path, std::shared_ptr<Inode> inode, bool lock)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)), lock_(lock) {
    if (lock_) inode_->locked = true;
  }
  ~OpenFile() override {
    if (lock_) inode_->locked = false;
  }
  size_t pread(MutableByteView into, uint64_t offset) override {
    disk_.check(path_);
    if (offset >= inode_->content.size()) return 0;
    const size_t count = std::min(into.size(), inode_->content.size() - offset);
    std::copy_n(inode_->content.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
    return count;
  }
  void pwrite(ByteView bytes, uint64_t offset) override {
    disk_.change(path_);
    if (inode_->content.size() < offset + bytes.size())
      inode_->content.resize(offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(),
              inode_->content.begin() + static_cast<std::ptrdiff_t>(offset));
    inode_->modified_ms = disk_.clock_.wall_ms();
  }
  void append(std::span<const ByteView> slices) override {
    for (const ByteView slice : slices) pwrite(slice, inode_->content.size());
  }
  void sync() override {
    disk_.change(path_);
    inode_->durable = inode_->content;
  }
  void truncate(uint64_t size) override {
    disk_.change(path_);
    inode_->content.resize(size);
  }
  uint64_t size() override { return inode_->content.size(); }
  const std::string& path() const override { return path_; }

 private:
  SimFileSystem& disk_;
  const std::string path_;
  const std::shared_ptr<Inode> inode_;
  const bool lock_;
};

class SimFileSystem::Mapping : public MappedFile {
 public:
  Mapping(SimFileSystem& disk, std::string path, std::shared_ptr<Inode> inode, size_t size)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)), size_(size) {}
  MutableByteView bytes() override { return MutableByteView(inode_->content).first(size_); }
  void sync() override {
    disk_.change(path_);
    inode_->durable = inode_->content;
  }

 private:
  SimFileSystem& disk_;
  const std::string path_;
  const std::shared_ptr<Inode> inode_;
  const size_t size_;
};

void SimFileSystem::check(const std::string& path) const {
  if (crashed_) throw FiberKilled{};
  if (!failing_.empty() && path.starts_with(failing_)) {
    throw KafkaStorageException(path + ": Input/output error");
  }
}

void SimFileSystem::change(const std::string& path) {
  check(path);
  if (changes_left_ == 0) {
    crashed_ = true;
    throw FiberKilled{};
  }
  if (changes_left_ > 0) --changes_left_;
  ++changes_;
}

std::shared_ptr<SimFileSystem::Inode> SimFileSystem::find(const std::string& path) {
  const auto at = names_.find(path);
  return at == names_.end() ? nullptr : at->second;
}

std::unique_ptr<File> SimFileSystem::open(const std::string& path, OpenMode mode) {
  check(path);
  std::shared_ptr<Inode> inode = find(path);
  const bool must_exist = mode == OpenMode::kRead || mode == OpenMode::kReadWrite;
  if ((!inode && must_exist) || (inode && mode == OpenMode::kCreateNew)) {
    throw KafkaStorageException("open " + path + (inode ? ": File exists" : ": No such file"));
  }
  if (!inode) {
    change(path);
    if (!is_directory(parent_path(path)))
      throw KafkaStorageException("open " + path + ": no directory");
    inode = std::make_shared<Inode>();
    inode->modified_ms = clock_.wall_ms();
    names_[path] = inode;
    pending_.push_back({"", path, inode});
  } else if (mode == OpenMode::kTruncate) {
    change(path);
    inode->content.clear();
  }
  return std::make_unique<OpenFile>(*this, path, inode, false);
}

std::unique_ptr<MappedFile> SimFileSystem::map(const std::string& path, uint64_t size) {
  const auto file = open(path, OpenMode::kCreate);
  if (file->size() < size) file->truncate(size);
  return std::make_unique<Mapping>(*this, path, find(path), size);
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
  change(from);
  const auto inode = find(from);
  if (!inode) throw KafkaStorageException("rename " + from + ": No such file");
  const NameChange rename{from, to, inode};
  rename_in(names_, rename);
  pending_.push_back(rename);
}

bool SimFileSystem::remove(const std::string& path) {
  check(path);
  if (!find(path)) return false;
  change(path);
  names_.erase(path);
  pending_.push_back({path, "", nullptr});
  return true;
}

void SimFileSystem::create_directories(const std::string& path) {
  check(path);
  if (path.empty() || path == "/" || is_directory(path)) return;
  create_directories(parent_path(path));
  change(path);
  auto inode = std::make_shared<Inode>();
  inode->directory = true;
  names_[path] = inode;
  pending_.push_back({"", path, inode});
}

std::vector<std::string> SimFileSystem::list(const std::string& path) {
  check(path);
  std::vector<std::string> found;
  for (const auto& [name, inode] : names_) {
    if (name != "/" && parent_path(name) == path) found.push_back(name.substr(path.size() + 1));
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

std::unique_ptr<File> SimFileSystem::try_lock(const std::string& path) {
  open(path, OpenMode::kCreate);
  const auto inode = find(path);
  if (inode->locked) return nullptr;
  return std::make_unique<OpenFile>(*this, path, inode, true);
}

ByteBuffer SimFileSystem::survivor(const Inode& inode, RandomStream& random) {
  const size_t sizes[] = {inode.durable.size(), inode.content.size()};
  ByteBuffer content(sizes[random.below(2)]);
  for (size_t at = 0; at < content.size(); at += kPage) {
    const ByteBuffer& from = random.chance(0.5) ? inode.content : inode.durable;
    const size_t end = std::min({at + kPage, content.size(), from.size()});
    // A page beyond what this copy has reads as zeros.
    if (at < end) {
      std::copy(from.begin() + static_cast<std::ptrdiff_t>(at),
                from.begin() + static_cast<std::ptrdiff_t>(end),
                content.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  return content;
}

void SimFileSystem::restart(RandomStream& random) {
  Names names = durable_names_;
  for (const NameChange& change : pending_) {
    if (random.chance(0.5)) rename_in(names, change);
  }
  // What lies in a directory that is gone is gone.
  for (auto at = names.begin(); at != names.end();) {
    const std::string parent = parent_path(at->first);
    const bool orphan = parent != "/" && !names.contains(parent);
    at = orphan ? names.erase(at) : std::next(at);
  }
  for (auto& [path, inode] : names) {
    auto fresh = std::make_shared<Inode>();
    fresh->directory = inode->directory;
    fresh->modified_ms = inode->modified_ms;
    if (!inode->directory) fresh->content = survivor(*inode, random);
    fresh->durable = fresh->content;
    inode = fresh;
  }
  names_ = names;
  durable_names_ = names;
  pending_.clear();
  crashed_ = false;
  changes_left_ = -1;
}

}  // namespace kafkascope::sim

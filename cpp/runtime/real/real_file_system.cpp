#include "runtime/real/real_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/errors.h"

namespace kafkascope::real {
namespace {

constexpr size_t kMaxSlices = 64;

[[noreturn]] void fail(const char* call, const std::string& path, int error) {
  throw KafkaStorageException(fmt::format("{} {}: {}", call, path, std::strerror(error)));
}

/// Repeats a call that a signal interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}

class RealFile : public File {
 public:
  RealFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~RealFile() override { ::close(descriptor_); }

  size_t pread(MutableByteView into, uint64_t offset) override {
    size_t done = 0;
    while (done < into.size()) {
      const ssize_t count = uninterrupted([&] {
        return ::pread(descriptor_, into.data() + done, into.size() - done,
                       static_cast<off_t>(offset + done));
      });
      if (count < 0) fail("read", path_, errno);
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  void pwrite(ByteView bytes, uint64_t offset) override {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t count = uninterrupted([&] {
        return ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                        static_cast<off_t>(offset + done));
      });
      if (count < 0) fail("write", path_, errno);
      done += static_cast<size_t>(count);
    }
  }

  void append(std::span<const ByteView> slices) override {
    if (::lseek(descriptor_, 0, SEEK_END) < 0) fail("seek", path_, errno);
    size_t first = 0, skip = 0;
    while (first < slices.size()) {
      iovec vectors[kMaxSlices];
      size_t count = 0;
      for (size_t i = first; i < slices.size() && count < kMaxSlices; ++i, ++count) {
        const ByteView slice = slices[i].subspan(i == first ? skip : 0);
        vectors[count] = {const_cast<uint8_t*>(slice.data()), slice.size()};
      }
      const ssize_t written =
          uninterrupted([&] { return ::writev(descriptor_, vectors, static_cast<int>(count)); });
      if (written < 0) fail("write", path_, errno);
      skip += static_cast<size_t>(written);
      while (first < slices.size() && skip >= slices[first].size()) skip -= slices[first++].size();
    }
  }

  void sync() override {
    if (uninterrupted([&] { return ::fdatasync(descriptor_); }) < 0) fail("fsync", path_, errno);
  }
  void truncate(uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) < 0) {
      fail("truncate", path_, errno);
    }
  }
  uint64_t size() override {
    struct stat status{};
    if (::fstat(descriptor_, &status) < 0) fail("stat", path_, errno);
    return static_cast<uint64_t>(status.st_size);
  }
  const std::string& path() const override { return path_; }
  int descriptor() const override { return descriptor_; }

 private:
  const int descriptor_;
  const std::string path_;
};

class RealMappedFile : public MappedFile {
 public:
  RealMappedFile(void* memory, size_t size, std::string path)
      : memory_(static_cast<uint8_t*>(memory)), size_(size), path_(std::move(path)) {}
  ~RealMappedFile() override { ::munmap(memory_, size_); }
  MutableByteView bytes() override { return {memory_, size_}; }
  void sync() override {
    if (::msync(memory_, size_, MS_SYNC) < 0) fail("msync", path_, errno);
  }

 private:
  uint8_t* const memory_;
  const size_t size_;
  const std::string path_;
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT;
    case OpenMode::kCreateNew:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::kTruncate:
      return O_RDWR | O_CREAT | O_TRUNC;
  }
  return O_RDONLY;
}

int open_descriptor(const std::string& path, int flags) {
  return uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); });
}

}  // namespace

std::unique_ptr<File> RealFileSystem::open(const std::string& path, OpenMode mode) {
  const int descriptor = open_descriptor(path, flags_of(mode));
  if (descriptor < 0) fail("open", path, errno);
  return std::make_unique<RealFile>(descriptor, path);
}

std::unique_ptr<MappedFile> RealFileSystem::map(const std::string& path, uint64_t size) {
  const std::unique_ptr<File> file = open(path, OpenMode::kCreate);
  if (file->size() < size) file->truncate(size);
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file->descriptor(), 0);
  if (memory == MAP_FAILED) fail("mmap", path, errno);
  // An index is filled entry by entry: reading ahead would bring in pages of nothing.
  (void)::madvise(memory, size, MADV_RANDOM);
  return std::make_unique<RealMappedFile>(memory, size, path);
}

void RealFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) < 0) fail("rename", from + " to " + to, errno);
}

bool RealFileSystem::remove(const std::string& path) {
  if (std::remove(path.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  fail("remove", path, errno);
}

void RealFileSystem::create_directories(const std::string& path) {
  if (path.empty() || is_directory(path)) return;
  if (const std::string parent = parent_path(path); parent != path) create_directories(parent);
  if (::mkdir(path.c_str(), 0755) < 0 && errno != EEXIST) fail("mkdir", path, errno);
}

std::vector<std::string> RealFileSystem::list(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) fail("opendir", path, errno);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

bool RealFileSystem::exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

bool RealFileSystem::is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void RealFileSystem::sync_dir(const std::string& path) {
  const int descriptor = open_descriptor(path, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) fail("open", path, errno);
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result < 0) fail("fsync", path, error);
}

uint64_t RealFileSystem::free_bytes(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) < 0) fail("statvfs", path, errno);
  return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
}

int64_t RealFileSystem::modified_ms(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) < 0) fail("stat", path, errno);
  return status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

void RealFileSystem::set_modified_ms(const std::string& path, int64_t modified_ms) {
  const timespec time{modified_ms / 1000, modified_ms % 1000 * 1'000'000};
  const timespec times[2] = {{0, UTIME_OMIT}, time};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) < 0) fail("touch", path, errno);
}

std::unique_ptr<File> RealFileSystem::try_lock(const std::string& path) {
  std::unique_ptr<File> file = open(path, OpenMode::kCreate);
  if (::flock(file->descriptor(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno == EWOULDBLOCK) return nullptr;
  fail("lock", path, errno);
}

}  // namespace kafkascope::real

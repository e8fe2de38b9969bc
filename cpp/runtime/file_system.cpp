#include "runtime/file_system.h"

namespace kafkascope {

ByteBuffer read_file(FileSystem& files, const std::string& path) {
  const std::unique_ptr<File> file = files.open(path, OpenMode::kRead);
  ByteBuffer content(file->size());
  content.resize(file->pread(content, 0));
  return content;
}

void write_file_atomically(FileSystem& files, const std::string& path, ByteView content) {
  const std::string temporary = path + ".tmp";
  {
    const std::unique_ptr<File> file = files.open(temporary, OpenMode::kTruncate);
    file->append({&content, 1});
    file->sync();
  }
  files.rename(temporary, path);
  files.sync_dir(parent_path(path));
}

void remove_all(FileSystem& files, const std::string& path) {
  if (files.is_directory(path)) {
    for (const std::string& name : files.list(path)) remove_all(files, path + "/" + name);
  }
  files.remove(path);
}

std::string parent_path(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace kafkascope

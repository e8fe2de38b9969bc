// Unpacks a .tar.gz of tests/data into a file system.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include "runtime/file_system.h"

namespace kafkascope {

/// Regular files and directories, names up to 100 characters: what `tar` writes for our fixtures.
inline void unpack_tar_gz(const std::string& name, FileSystem& files, const std::string& to) {
  const std::string path = std::string(KS_TEST_DATA) + "/" + name;
  gzFile file = gzopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr) << path;
  uint8_t header[512];
  while (gzread(file, header, sizeof(header)) == sizeof(header) && header[0] != 0) {
    const std::string entry(reinterpret_cast<char*>(header));
    const size_t size =
        std::stoul(std::string(reinterpret_cast<char*>(header) + 124, 11), nullptr, 8);
    ByteBuffer content((size + 511) / 512 * 512);
    ASSERT_EQ(gzread(file, content.data(), static_cast<unsigned>(content.size())),
              static_cast<int>(content.size()));
    content.resize(size);
    if (entry.back() == '/') {
      files.create_directories(to + "/" + entry.substr(0, entry.size() - 1));
    } else {
      files.create_directories(parent_path(to + "/" + entry));
      files.open(to + "/" + entry, OpenMode::kTruncate)->pwrite(content, 0);
    }
  }
  gzclose(file);
}

}  // namespace kafkascope

// Lines of a gzipped text file of tests/data.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <span>
#include <string>
#include <vector>

namespace kafkascope {

inline std::vector<std::string> gzip_lines(const std::string& name) {
  const std::string path = std::string(KS_TEST_DATA) + "/" + name;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    ADD_FAILURE() << "cannot open " << path;
    return {};
  }
  std::string text;
  char buffer[1 << 16];
  for (int count; (count = gzread(file, buffer, sizeof(buffer))) > 0;) text.append(buffer, count);
  gzclose(file);
  std::vector<std::string> lines;
  for (size_t begin = 0, end; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

inline std::vector<uint8_t> from_hex(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string to_hex(std::span<const uint8_t> bytes) {
  static const char* const kDigits = "0123456789abcdef";
  std::string hex;
  for (uint8_t byte : bytes) hex += {kDigits[byte >> 4], kDigits[byte & 15]};
  return hex;
}

}  // namespace kafkascope

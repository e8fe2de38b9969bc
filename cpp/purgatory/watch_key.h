// What a purgatory's keys can be: partitions, names, numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/types.h"

namespace kafkascope {

/// FNV-1a, not std::hash: which operations share a lock must be the same on every machine.
inline uint64_t watch_key_hash(std::string_view key, uint64_t hash = 0xcbf29ce484222325u) {
  for (char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return hash;
}
inline uint64_t watch_key_hash(int64_t key) {
  return static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15u >> 7;
}
inline uint64_t watch_key_hash(const TopicPartition& key) {
  return watch_key_hash(key.topic) + static_cast<uint64_t>(key.partition);
}

inline std::string watch_key_text(const std::string& key) { return key; }
inline std::string watch_key_text(int64_t key) { return std::to_string(key); }
inline std::string watch_key_text(const TopicPartition& key) { return key.to_string(); }

}  // namespace kafkascope

// The names of a log's files and directories (Kafka's LogFileUtils).
#pragma once

#include <optional>
#include <string>

#include "common/types.h"

namespace kafkascope {

inline constexpr const char* kLogSuffix = ".log";
inline constexpr const char* kIndexSuffix = ".index";
inline constexpr const char* kTimeIndexSuffix = ".timeindex";
inline constexpr const char* kTxnIndexSuffix = ".txnindex";
inline constexpr const char* kSnapshotSuffix = ".snapshot";
inline constexpr const char* kDeletedSuffix = ".deleted";
inline constexpr const char* kCleanedSuffix = ".cleaned";
inline constexpr const char* kSwapSuffix = ".swap";
inline constexpr const char* kDeleteDirSuffix = "-delete";
inline constexpr const char* kFutureDirSuffix = "-future";
inline constexpr const char* kStrayDirSuffix = "-stray";

/// "/data/a-0", 42, ".log" -> "/data/a-0/00000000000000000042.log"
std::string log_file_path(const std::string& dir, Offset base_offset, const char* suffix);
/// "00000000000000000042.log" -> 42; nothing for other names.
std::optional<Offset> offset_of_file_name(const std::string& name, const char* suffix);
/// "flights-0" -> {flights, 0}; nothing for a name that is no partition's.
std::optional<TopicPartition> parse_topic_partition_name(const std::string& name);
/// The last part of a path.
std::string file_name_of(const std::string& path);
/// "flights-0.<32 hex digits>-future" -> {flights, 0}; nothing for other names.
std::optional<TopicPartition> parse_future_dir_name(const std::string& name);
/// "flights-0.<32 hex digits>-delete", as much of the topic's name as a file name may hold.
std::string log_delete_dir_name(const TopicPartition& partition, const std::string& unique);
/// The same with "-future": where a log is copied to.
std::string log_future_dir_name(const TopicPartition& partition, const std::string& unique);

}  // namespace kafkascope

// Logs for eyes, down to their batches: of a running broker, or of a directory that nobody serves.
#pragma once

#include <memory>
#include <string>

#include "log/log_description.h"

namespace kafkascope {

class FileSystem;
class Log;

/// Log::describe() with the batches of every segment, whose headers are read from the files.
LogDescription describe_with_batches(const Log& log);

/// What lies in a partition's directory ("/data/flights-0"), changed by nothing: no file is made,
/// written, locked or recovered. High watermark and recovery point come from the checkpoints of the
/// directory above it, and are kNoOffset when those do not name the partition. Throws
/// KafkaStorageException when there is no such directory, or it holds no segment.
LogDescription read_log_directory(FileSystem& files, const std::string& dir);

}  // namespace kafkascope

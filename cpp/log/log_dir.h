// One log directory of a LogManager, and what several sources of LogManager share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/errors.h"
#include "log/checkpoint/broker_metadata_checkpoint.h"
#include "log/log_manager.h"
#include "runtime/file_system.h"

namespace kafkascope {

struct LogManager::LogDir {
  std::string path;
  std::unique_ptr<File> lock;  // of ".lock"
  std::optional<MetaProperties> meta;
  bool online = true;
};

template <typename Function>
void LogManager::for_each_live_dir(Function fn) {
  for (const auto& [path, dir] : dirs_) {
    if (!is_log_dir_online(path)) continue;
    try {
      fn(*dir);
    } catch (const KafkaStorageException& e) {
      mark_offline(path, e.what());
    }
  }
}

}  // namespace kafkascope

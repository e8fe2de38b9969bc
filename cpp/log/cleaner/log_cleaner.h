// LogCleaner: the threads that compact logs, so that they hold the last value of every key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "log/cleaner/cleaner_thread.h"

namespace kafkascope {

class MetricsRegistry;

/// Kafka's LogCleaner. Any thread may call.
class LogCleaner {
 public:
  LogCleaner(Node& node, const CleanerConfig& config, LogCleanerManager::Sources sources,
             LogDirFailureChannel& failures);
  ~LogCleaner();

  void startup();
  void shutdown();
  /// Threads with the new configuration take the place of the old ones. Throws ConfigException.
  void reconfigure(const CleanerConfig& config);
  /// What log.cleaner.* must satisfy together. Throws ConfigException.
  static void validate(const CleanerConfig& config);

  LogCleanerManager& manager() { return manager_; }
  const LogCleanerManager& manager() const { return manager_; }
  CleanerConfig config() const;
  /// The last cleaning of each thread.
  std::vector<CleanerStats> last_stats() const;
  /// One cleaning on the caller's thread. False when no log is dirty enough.
  bool clean_filthiest_log();

  /// Kafka's metrics of cleaner and manager; the registry must outlive shutdown().
  void register_metrics(MetricsRegistry& registry, const std::vector<std::string>& log_dirs);
  void remove_metrics();

 private:
  template <typename Of>
  double max_over_threads(Of of) const;
  void start_threads() KS_REQUIRES(mutex_);
  void stop_threads() KS_REQUIRES(mutex_);

  Node& node_;
  LogDirFailureChannel& failures_;
  LogCleanerManager manager_;
  Throttler throttler_;
  mutable Mutex mutex_;
  CleanerConfig config_ KS_GUARDED_BY(mutex_);
  bool running_ KS_GUARDED_BY(mutex_) = false;
  mutable Mutex cleaners_mutex_;  // for who looks: held for a moment only
  std::vector<std::unique_ptr<CleanerThread>> cleaners_ KS_GUARDED_BY(cleaners_mutex_);
  MetricsRegistry* registry_ = nullptr;
  std::vector<std::string> metric_dirs_;
};

}  // namespace kafkascope

#include "log/cleaner/log_cleaner.h"

#include <fmt/core.h>

#include <algorithm>

#include "common/config_def.h"
#include "runtime/metrics/metrics_registry.h"

namespace kafkascope {
namespace {

constexpr int64_t kSmallestBufferPerThread = 1 << 20;

MetricName cleaner_metric(const char* name) { return {"kafka.log", "LogCleaner", name, {}}; }
MetricName manager_metric(const char* name) { return {"kafka.log", "LogCleanerManager", name, {}}; }
MetricName dir_metric(const char* name, const std::string& log_dir) {
  return {"kafka.log", "LogCleanerManager", name, {{"logDirectory", log_dir}}};
}
const MetricName kCleanerIo{"kafka.utils", "Throttler", "cleaner-io", {}};

constexpr const char* kCleanerGauges[] = {"DeadThreadCount", "cleaner-recopy-percent",
                                          "max-buffer-utilization-percent", "max-clean-time-secs",
                                          "max-compaction-delay-secs"};
constexpr const char* kManagerGauges[] = {"max-dirty-percent", "time-since-last-run-ms"};
constexpr const char* kDirGauges[] = {"uncleanable-partitions-count", "uncleanable-bytes"};

}  // namespace

LogCleaner::LogCleaner(Node& node, const CleanerConfig& config, LogCleanerManager::Sources sources,
                       LogDirFailureChannel& failures)
    : node_(node),
      failures_(failures),
      manager_(node, std::move(sources)),
      throttler_(node, config.max_io_bytes_per_second),
      mutex_(node, "log-cleaner"),
      config_(config),
      cleaners_mutex_(node, "cleaner-threads") {
  validate(config);
}

LogCleaner::~LogCleaner() = default;

void LogCleaner::validate(const CleanerConfig& config) {
  if (config.num_threads < 1) {
    throw ConfigException(
        fmt::format("log.cleaner.threads={}: expected at least 1", config.num_threads));
  }
  if (config.dedupe_buffer_size / config.num_threads < kSmallestBufferPerThread) {
    throw ConfigException(
        fmt::format("log.cleaner.dedupe.buffer.size={}: expected at least {} for each of the {} "
                    "cleaner threads",
                    config.dedupe_buffer_size, kSmallestBufferPerThread, config.num_threads));
  }
  if (!(config.dedupe_buffer_load_factor > 0 && config.dedupe_buffer_load_factor <= 1)) {
    throw ConfigException(
        fmt::format("log.cleaner.io.buffer.load.factor={}: expected more than 0 and at most 1",
                    config.dedupe_buffer_load_factor));
  }
}

void LogCleaner::startup() {
  Lock lock(mutex_);
  running_ = true;
  start_threads();
}

void LogCleaner::shutdown() {
  Lock lock(mutex_);
  running_ = false;
  stop_threads();
}

void LogCleaner::reconfigure(const CleanerConfig& config) {
  validate(config);
  Lock lock(mutex_);
  if (config == config_) return;
  config_ = config;
  throttler_.update_desired_rate(config.max_io_bytes_per_second);
  if (!running_) return;
  stop_threads();
  start_threads();
}

void LogCleaner::start_threads() {
  throttler_.resume();
  Lock lock(cleaners_mutex_);
  for (int id = 0; id < config_.num_threads; ++id) {
    cleaners_.push_back(
        std::make_unique<CleanerThread>(node_, id, config_, manager_, throttler_, failures_));
    cleaners_.back()->start();
  }
}

void LogCleaner::stop_threads() {
  std::vector<std::unique_ptr<CleanerThread>> stopping;
  {
    Lock lock(cleaners_mutex_);
    stopping.swap(cleaners_);
  }
  throttler_.interrupt();
  for (const auto& cleaner : stopping) cleaner->initiate_shutdown();
  for (const auto& cleaner : stopping) cleaner->await_shutdown();
}

CleanerConfig LogCleaner::config() const {
  Lock lock(mutex_);
  return config_;
}

std::vector<CleanerStats> LogCleaner::last_stats() const {
  Lock lock(cleaners_mutex_);
  std::vector<CleanerStats> all;
  for (const auto& cleaner : cleaners_) {
    if (const auto stats = cleaner->last_stats()) all.push_back(*stats);
  }
  return all;
}

bool LogCleaner::clean_filthiest_log() {
  throttler_.resume();
  CleanerThread cleaner(node_, -1, config(), manager_, throttler_, failures_);
  return cleaner.clean_filthiest_log();
}

template <typename Of>
double LogCleaner::max_over_threads(Of of) const {
  Lock lock(cleaners_mutex_);
  double most = 0;
  for (const auto& cleaner : cleaners_) most = std::max(most, of(*cleaner));
  return most;
}

void LogCleaner::register_metrics(MetricsRegistry& registry,
                                  const std::vector<std::string>& log_dirs) {
  registry_ = &registry;
  metric_dirs_ = log_dirs;
  throttler_.set_meter(&registry.meter(kCleanerIo));
  const auto stats_max = [this](auto of) {
    return [this, of] {
      return max_over_threads([&](const CleanerThread& cleaner) {
        const auto stats = cleaner.last_stats();
        return stats ? of(*stats) : 0.0;
      });
    };
  };
  // A thread that fails marks its log and goes on: none dies alone.
  registry.gauge(cleaner_metric("DeadThreadCount"), [] { return 0.0; });
  registry.gauge(cleaner_metric("max-buffer-utilization-percent"),
                 stats_max([](const CleanerStats& s) { return 100 * s.buffer_utilization; }));
  registry.gauge(cleaner_metric("max-clean-time-secs"),
                 stats_max([](const CleanerStats& s) { return s.elapsed_secs(); }));
  registry.gauge(cleaner_metric("max-compaction-delay-secs"), [this] {
    return max_over_threads([](const CleanerThread& cleaner) {
      return static_cast<double>(cleaner.last_pre_clean_stats().max_compaction_delay_ms) / 1000;
    });
  });
  registry.gauge(cleaner_metric("cleaner-recopy-percent"), [this] {
    int64_t read = 0, written = 0;
    for (const CleanerStats& stats : last_stats()) {
      read += stats.bytes_read;
      written += stats.bytes_written;
    }
    return read == 0 ? 0 : 100 * static_cast<double>(written) / static_cast<double>(read);
  });
  registry.gauge(manager_metric("max-dirty-percent"),
                 [this] { return manager_.max_dirty_percent(); });
  registry.gauge(manager_metric("time-since-last-run-ms"),
                 [this] { return manager_.time_since_last_run_ms(); });
  for (const std::string& dir : log_dirs) {
    registry.gauge(dir_metric("uncleanable-partitions-count", dir),
                   [this, dir] { return manager_.uncleanable_partitions_count(dir); });
    registry.gauge(dir_metric("uncleanable-bytes", dir),
                   [this, dir] { return manager_.uncleanable_bytes(dir); });
  }
}

void LogCleaner::remove_metrics() {
  if (registry_ == nullptr) return;
  throttler_.set_meter(nullptr);
  registry_->remove(kCleanerIo);
  for (const char* name : kCleanerGauges) registry_->remove(cleaner_metric(name));
  for (const char* name : kManagerGauges) registry_->remove(manager_metric(name));
  for (const std::string& dir : metric_dirs_) {
    for (const char* name : kDirGauges) registry_->remove(dir_metric(name, dir));
  }
  registry_ = nullptr;
}

}  // namespace kafkascope

#include "runtime/metrics/metrics_registry.h"

#include <fmt/core.h>

#include <array>

#include "common/check.h"

namespace kafkascope {
namespace {

using Attributes = MetricsRegistry::Attributes;

struct Percentile {
  const char* attribute;
  const char* quantile;
  double Histogram::Snapshot::* value;
};
constexpr std::array<Percentile, 6> kPercentiles{{
    {"50thPercentile", "0.5", &Histogram::Snapshot::p50},
    {"75thPercentile", "0.75", &Histogram::Snapshot::p75},
    {"95thPercentile", "0.95", &Histogram::Snapshot::p95},
    {"98thPercentile", "0.98", &Histogram::Snapshot::p98},
    {"99thPercentile", "0.99", &Histogram::Snapshot::p99},
    {"999thPercentile", "0.999", &Histogram::Snapshot::p999},
}};

void add(Attributes& out, Meter& meter) {
  out["Count"] = static_cast<double>(meter.count());
  out["MeanRate"] = meter.mean_rate();
  out["OneMinuteRate"] = meter.one_minute_rate();
  out["FiveMinuteRate"] = meter.five_minute_rate();
  out["FifteenMinuteRate"] = meter.fifteen_minute_rate();
}

void add(Attributes& out, const Histogram& histogram, double scale = 1) {
  const Histogram::Snapshot s = histogram.snapshot();
  out["Count"] = static_cast<double>(s.count);
  out["Min"] = s.min * scale;
  out["Max"] = s.max * scale;
  out["Mean"] = s.mean * scale;
  out["StdDev"] = s.std_dev * scale;
  for (const Percentile& p : kPercentiles) out[p.attribute] = s.*p.value * scale;
}

struct Read {
  Attributes operator()(const std::shared_ptr<Gauge>& gauge) const {
    return {{"Value", (*gauge)()}};
  }
  Attributes operator()(const std::shared_ptr<Meter>& meter) const {
    Attributes out;
    add(out, *meter);
    return out;
  }
  Attributes operator()(const std::shared_ptr<Histogram>& histogram) const {
    Attributes out;
    add(out, *histogram);
    return out;
  }
  Attributes operator()(const std::shared_ptr<Timer>& timer) const {
    Attributes out;
    add(out, timer->micros(), 0.001);
    add(out, timer->meter());
    return out;
  }
};

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  return text;
}

std::string escape_label(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string sample_line(const MetricName& name, const std::string& attribute, double value) {
  std::string labels;
  for (const auto& [key, text] : name.tags) {
    labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", lower(key), escape_label(text));
  }
  std::string suffix = attribute == "Count" || attribute == "Value" ? "" : "_" + lower(attribute);
  for (const Percentile& p : kPercentiles) {
    if (attribute != p.attribute) continue;
    labels += fmt::format("{}quantile=\"{}\"", labels.empty() ? "" : ",", p.quantile);
    suffix.clear();
  }
  if (!labels.empty()) labels = "{" + labels + "}";
  return fmt::format("{}{}{} {}\n", name.prometheus(), suffix, labels, value);
}

}  // namespace

MetricsRegistry::MetricsRegistry(Node& node)
    : node_(node), reading_(node, "metrics reading"), mutex_(node, "metrics") {}

template <typename T, typename Make>
T& MetricsRegistry::find_or_make(const MetricName& name, Make make) {
  Lock lock(mutex_);
  auto at = metrics_.find(name);
  if (at == metrics_.end()) at = metrics_.emplace(name, make()).first;
  auto* metric = std::get_if<std::shared_ptr<T>>(&at->second);
  KS_CHECK(metric != nullptr, name.mbean() + " is a metric of another kind");
  return **metric;
}

Meter& MetricsRegistry::meter(const MetricName& name, Duration unit) {
  return find_or_make<Meter>(name, [&] { return std::make_shared<Meter>(node_.clock(), unit); });
}

Histogram& MetricsRegistry::histogram(const MetricName& name) {
  return find_or_make<Histogram>(
      name, [&] { return std::make_shared<Histogram>(node_.random().stream(name.mbean())); });
}

Timer& MetricsRegistry::timer(const MetricName& name) {
  return find_or_make<Timer>(name, [&] {
    return std::make_shared<Timer>(node_.clock(), node_.random().stream(name.mbean()));
  });
}

void MetricsRegistry::gauge(const MetricName& name, Gauge gauge) {
  Lock lock(mutex_);
  metrics_[name] = std::make_shared<Gauge>(std::move(gauge));
}

void MetricsRegistry::remove(const MetricName& name) {
  Lock reading(reading_);
  Lock lock(mutex_);
  metrics_.erase(name);
}

std::map<MetricName, Attributes> MetricsRegistry::snapshot() {
  Lock reading(reading_);
  std::map<MetricName, Metric> metrics;
  {
    Lock lock(mutex_);
    metrics = metrics_;
  }
  std::map<MetricName, Attributes> out;
  for (const auto& [name, metric] : metrics) out[name] = std::visit(Read{}, metric);
  return out;
}

std::string MetricsRegistry::prometheus_text() {
  std::string text;
  for (const auto& [name, attributes] : snapshot()) {
    for (const auto& [attribute, value] : attributes) text += sample_line(name, attribute, value);
  }
  return text;
}

}  // namespace kafkascope

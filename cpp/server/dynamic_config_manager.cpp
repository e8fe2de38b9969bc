#include "server/dynamic_config_manager.h"

#include <algorithm>

#include "common/errors.h"
#include "common/logging.h"

namespace kafkascope {
namespace {

constexpr const char* kChanges = "/config/changes";
constexpr int64_t kKeepMs = 15 * 60 * 1000;  // a notification that all have long seen

}  // namespace

/// Both a watch on the folder of notifications and an ear for new sessions, after which watches
/// may have been missed.
class DynamicConfigManager::Listener : public ZNodeChildChangeHandler, public StateChangeHandler {
 public:
  explicit Listener(DynamicConfigManager& owner) : owner_(owner) {}
  std::string path() const override { return kChanges; }
  void handle_child_change() override { owner_.wakeup(); }
  std::string name() const override { return "config-changes"; }
  void after_initializing_session() override { owner_.wakeup(); }

 private:
  DynamicConfigManager& owner_;
};

DynamicConfigManager::DynamicConfigManager(
    Node& node, KafkaZkClient& zk,
    std::function<void(const std::string&, const std::string&)> apply)
    : Worker(node, "config-changes-event-process-thread"),
      zk_(zk),
      apply_(std::move(apply)),
      listener_(std::make_shared<Listener>(*this)),
      mutex_(node, "config changes"),
      changed_(node, "config changes") {}

DynamicConfigManager::~DynamicConfigManager() { shutdown(); }

void DynamicConfigManager::startup() {
  zk_.zookeeper().register_znode_child_change_handler(listener_);
  zk_.zookeeper().register_state_change_handler(listener_);
  start();
}

void DynamicConfigManager::close() {
  zk_.zookeeper().unregister_znode_child_change_handler(kChanges);
  zk_.zookeeper().unregister_state_change_handler(listener_->name());
  shutdown();
}

void DynamicConfigManager::wakeup() {
  Lock lock(mutex_);
  is_changed_ = true;
  changed_.notify_all();
}

void DynamicConfigManager::do_work() {
  {
    Lock lock(mutex_);
    changed_.wait(lock, [&] { return is_changed_; });
    is_changed_ = false;
  }
  if (!is_running()) return;
  try {
    std::vector<std::string> nodes = zk_.get_config_changes();  // sets the watch
    std::sort(nodes.begin(), nodes.end());
    for (const std::string& node : nodes) {
      if (node > last_executed_) process(node);
    }
    purge(nodes);
  } catch (const zk::ZkException& e) {
    KS_LOG(kWarn, node_.name(), "changed configurations: {}", e.what());
  }
}

void DynamicConfigManager::process(const std::string& sequence_node) {
  last_executed_ = sequence_node;
  const std::optional<std::string> entity = zk_.get_config_change(sequence_node);
  if (!entity) return;  // purged meanwhile: whoever did has seen it
  const size_t slash = entity->find('/');
  if (slash == std::string::npos) return;
  try {
    apply_(entity->substr(0, slash), entity->substr(slash + 1));
    KS_TRACE(node_, "ConfigChanged", {"entity", *entity});
  } catch (const KafkaException& e) {
    KS_LOG(kError, node_.name(), "the configuration of {} is not applied: {}", *entity, e.what());
  }
}

void DynamicConfigManager::purge(const std::vector<std::string>& nodes) {
  std::vector<std::string> old;
  for (const std::string& name : nodes) {
    const auto [data, stat] = zk_.get_data_and_stat(std::string(kChanges) + "/" + name);
    if (node_.clock().wall_ms() - stat.ctime > kKeepMs) old.push_back(name);
  }
  if (!old.empty()) zk_.delete_config_changes(old);
}

}  // namespace kafkascope

// FetchManager: incremental fetch sessions (KIP-227). A client names its partitions once; later
// requests and answers carry only what changed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/uuid.h"
#include "replication/produce_types.h"
#include "runtime/threads.h"

namespace kafkascope {

inline constexpr int32_t kSessionless = 0;       // session id
inline constexpr int32_t kFullFetchEpoch = 0;    // asks for a new session
inline constexpr int32_t kFinalFetchEpoch = -1;  // wants none

/// One partition of a session, with what was last told of it. A topic that was asked for by its id
/// has no name as long as this broker has not heard of it.
struct CachedPartition {
  FetchPartitionRequest request;
  Uuid topic_id;
  Offset last_high_watermark = -1;
  Offset last_log_start_offset = -1;
};

/// What a request means: the partitions to fetch, and which session its answer belongs to.
struct FetchContext {
  ErrorCode error = ErrorCode::kNone;  // FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH
  int32_t session_id = kSessionless;
  bool incremental = false;
  std::vector<CachedPartition> partitions;
};

/// What a picture of a session shows.
struct ServerFetchSession {
  int32_t id = 0;
  int32_t epoch = 0;
  std::vector<TopicPartition> partitions;
};

/// Kafka's FetchManager with its FetchSessionCache. Any thread may call. When
/// max.incremental.fetch.session.cache.slots are taken, the session that was used least recently
/// makes room if it is old enough, else none is made.
class FetchManager {
 public:
  /// The name of a topic; empty: it is not known.
  using NameOf = std::function<std::string(const Uuid& topic_id)>;

  FetchManager(Node& node, size_t max_sessions);

  /// How a session knows a partition whose topic has no name here.
  static TopicPartition unnamed(const Uuid& topic_id, PartitionIndex partition);
  FetchContext new_context(int32_t session_id, int32_t epoch, std::vector<CachedPartition> given,
                           const std::vector<TopicPartition>& forgotten,
                           const NameOf& name_of = {});
  /// Which results go into the answer: all of them, or in a session those with news, which it then
  /// remembers.
  std::vector<bool> select(const FetchContext& context, const FetchResults& results);
  std::vector<ServerFetchSession> describe();

 private:
  struct Session {
    int32_t epoch = 1;
    Instant last_used{};
    std::map<TopicPartition, CachedPartition> partitions;

    void keep(CachedPartition partition);
    void name_partitions(const NameOf& name_of);
  };
  int32_t make_session(const std::vector<CachedPartition>& partitions) KS_REQUIRES(mutex_);

  Node& node_;
  const size_t max_sessions_;
  Mutex mutex_;
  RandomStream random_ KS_GUARDED_BY(mutex_);
  std::map<int32_t, Session> sessions_ KS_GUARDED_BY(mutex_);
};

}  // namespace kafkascope

#include "zookeeper/server/watch_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zookeeper/server/session_tracker.h"

namespace kafkascope::zk {
namespace {

using namespace std::chrono_literals;
using enum EventType;
using enum WatchKind;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(WatchManagerTest, FiresOnce) {
  WatchManager watches;
  watches.add("/a", kData, 1);
  watches.add("/a", kData, 2);
  watches.add("/a", kChildren, 1);
  EXPECT_THAT(watches.trigger(kNodeDataChanged, "/a"), ElementsAre(1, 2));
  EXPECT_THAT(watches.trigger(kNodeDataChanged, "/a"), IsEmpty());
  EXPECT_THAT(watches.trigger(kNodeChildrenChanged, "/a"), ElementsAre(1));
  EXPECT_EQ(watches.size(), 0U);
}

TEST(WatchManagerTest, ADeletionTellsBothKindsAndEachWatcherOnce) {
  WatchManager watches;
  watches.add("/a", kData, 1);
  watches.add("/a", kChildren, 1);
  watches.add("/a", kChildren, 2);
  EXPECT_THAT(watches.trigger(kNodeDeleted, "/a"), ElementsAre(1, 2));
  EXPECT_THAT(watches.watches(), IsEmpty());
}

TEST(WatchManagerTest, PersistentOnesStay) {
  WatchManager watches;
  watches.add("/a", kPersistent, 1);
  watches.add("/", kPersistentRecursive, 2);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(watches.trigger(kNodeDataChanged, "/a"), ElementsAre(1, 2));
    EXPECT_THAT(watches.trigger(kNodeChildrenChanged, "/a"), ElementsAre(1));
    EXPECT_THAT(watches.trigger(kNodeCreated, "/a/b/c"), ElementsAre(2));
  }
}

TEST(WatchManagerTest, GoWithTheirConnection) {
  WatchManager watches;
  watches.add("/a", kData, 1);
  watches.add("/b", kPersistent, 1);
  watches.add("/b", kPersistent, 2);
  EXPECT_TRUE(watches.remove("/a", kData, 1));
  EXPECT_FALSE(watches.remove("/a", kData, 1));
  watches.remove_watcher(1);
  EXPECT_THAT(watches.watches(), ElementsAre(Watch{"/b", kPersistent, 2}));
}

TEST(SessionTrackerTest, ExpiresAtTicks) {
  SessionTracker sessions(1s);
  EXPECT_EQ(sessions.next_expiry(), kForever);
  sessions.track(1, 2'500, 10s);
  sessions.track(2, 2'900, 10s);
  sessions.track(3, 9'000, 10s);
  EXPECT_EQ(sessions.next_expiry(), 13s);
  EXPECT_THAT(sessions.expired(13s - 1ns), IsEmpty());
  EXPECT_THAT(sessions.expired(13s), ElementsAre(1, 2));
  EXPECT_TRUE(sessions.touch(1, 11s));
  EXPECT_THAT(sessions.expired(13s), ElementsAre(2));
  sessions.remove(2);
  EXPECT_EQ(sessions.next_expiry(), 14s);
  EXPECT_FALSE(sessions.touch(2, 11s));
  EXPECT_EQ(sessions.timeouts(), (std::map<SessionId, int32_t>{{1, 2'500}, {3, 9'000}}));
}

TEST(SessionTrackerTest, AShorterTimeoutTakesEffect) {
  SessionTracker sessions(1s);
  sessions.track(1, 20'000, 0s);
  sessions.track(1, 2'000, 1s);
  EXPECT_EQ(sessions.next_expiry(), 4s);
}

TEST(SessionTrackerTest, PasswordsAreThoseOfJavaUtilRandom) {
  // new Random(id ^ 0xB3415C00L).nextBytes(16): java.util.Random's documented generator with the
  // seed 0 begins with the int -1155484576, little end first.
  const ByteBuffer bytes = session_password(0xb3415c00);
  EXPECT_EQ(bytes.size(), 16U);
  EXPECT_THAT(ByteBuffer(bytes.begin(), bytes.begin() + 4), ElementsAre(0x60, 0xb4, 0x20, 0xbb));
}

}  // namespace
}  // namespace kafkascope::zk

// What a session decides without a runtime: servers, times, watches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/errors.h"
#include "zookeeper/client/client_watches.h"
#include "zookeeper/client/connect_string.h"
#include "zookeeper/client/host_provider.h"
#include "zookeeper/client/request_codec.h"
#include "zookeeper/client/session_timers.h"

namespace kafkascope {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using zk::EventType;
using zk::OpCode;
using zk::ZkError;

TEST(ConnectStringTest, ServersAndChroot) {
  const ConnectString parsed = parse_connect_string("one:2182, two ,[::1]:2183,/kafka/a");
  EXPECT_THAT(parsed.servers,
              ElementsAre(Endpoint{"one", 2182}, Endpoint{"two", 2181}, Endpoint{"::1", 2183}));
  EXPECT_EQ(parsed.chroot.path(), "/kafka/a");
  EXPECT_EQ(parse_connect_string("one/").chroot.path(), "");
}

TEST(ConnectStringTest, WhatIsWrongIsNamed) {
  const auto message = [](const char* text) -> std::string {
    try {
      parse_connect_string(text);
    } catch (const ConfigException& wrong) {
      return wrong.what();
    }
    return "accepted";
  };
  EXPECT_THAT(message(""), HasSubstr("names no server"));
  EXPECT_THAT(message("/kafka"), HasSubstr("names no server"));
  EXPECT_THAT(message("one:x"), HasSubstr("\"x\" is no port"));
  EXPECT_THAT(message("one:0"), HasSubstr("1 to 65535"));
  EXPECT_THAT(message("one:70000"), HasSubstr("\"70000\" is no port"));
  EXPECT_THAT(message(":2181"), HasSubstr("has no host"));
  EXPECT_THAT(message("[::1]2181"), HasSubstr("[address]:port"));
  EXPECT_THAT(message("one//a"), HasSubstr("/name/name"));
  EXPECT_THAT(message("one/a/"), HasSubstr("/name/name"));
}

TEST(ChrootTest, BothWays) {
  const Chroot chroot("/k");
  EXPECT_EQ(chroot.to_server("/a"), "/k/a");
  EXPECT_EQ(chroot.to_server("/"), "/k");
  EXPECT_EQ(chroot.to_client("/k/a"), "/a");
  EXPECT_EQ(chroot.to_client("/k"), "/");
  EXPECT_EQ(chroot.to_client("/kk/a"), "/kk/a");
  EXPECT_EQ(Chroot("/").to_server("/a"), "/a");
}

TEST(HostProviderTest, GoesRoundAndSaysWhenAllFailed) {
  RandomStream random(1, "hosts");
  HostProvider hosts({{"a", 1}, {"b", 1}, {"c", 1}}, random);
  std::set<std::string> first;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(hosts.all_tried());
    first.insert(hosts.next().host);
    EXPECT_EQ(hosts.round(), 0U);
  }
  EXPECT_EQ(first.size(), 3U);
  EXPECT_TRUE(hosts.all_tried());
  const Endpoint fourth = hosts.next();
  EXPECT_EQ(hosts.round(), 1U);
  hosts.on_connected();
  EXPECT_FALSE(hosts.all_tried());
  EXPECT_NE(hosts.next(), fourth);
}

TEST(HostProviderTest, ClientsBeginAtDifferentServers) {
  std::set<std::string> first;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    RandomStream random(seed, "hosts");
    first.insert(HostProvider({{"a", 1}, {"b", 1}, {"c", 1}}, random).next().host);
  }
  EXPECT_EQ(first.size(), 3U);
}

TEST(SessionTimersTest, PingsAndGivesUp) {
  SessionTimers timers;
  timers.connecting(10s, 3s);
  EXPECT_FALSE(timers.ping_is_due(12s));
  EXPECT_FALSE(timers.server_is_silent(12s));
  EXPECT_TRUE(timers.server_is_silent(13s));
  timers.established(11s, 9s);
  EXPECT_EQ(timers.read_timeout(), 6s);
  EXPECT_EQ(timers.next(true), 12s);  // nothing was sent since 10 s
  EXPECT_EQ(timers.next(false), 17s);
  EXPECT_TRUE(timers.ping_is_due(12s));
  timers.sent(12s);
  EXPECT_FALSE(timers.ping_is_due(13s));
  EXPECT_EQ(timers.next(true), 14s);
  EXPECT_FALSE(timers.server_is_silent(16s));
  EXPECT_TRUE(timers.server_is_silent(17s));
  timers.heard(16s);
  EXPECT_FALSE(timers.server_is_silent(17s));
}

TEST(ClientWatchesTest, WhatIsLeftAtTheServerIsWhatDidNotFire) {
  ClientWatches watches;
  EXPECT_THAT(watches.requests(5, 1000), IsEmpty());
  watches.add(OpCode::kGetData, ZkError::kOk, "/data");
  watches.add(OpCode::kExists, ZkError::kOk, "/there");
  watches.add(OpCode::kExists, ZkError::kNoNode, "/missing");
  watches.add(OpCode::kGetData, ZkError::kNoNode, "/nothing");
  watches.add(OpCode::kGetChildren2, ZkError::kOk, "/parent");
  const auto all = watches.requests(5, 1000);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].relative_zxid, 5);
  EXPECT_THAT(all[0].data_watches, ElementsAre("/data", "/there"));
  EXPECT_THAT(all[0].exist_watches, ElementsAre("/missing"));
  EXPECT_THAT(all[0].child_watches, ElementsAre("/parent"));
  EXPECT_EQ(watches.requests(5, 12).size(), 4U);

  EXPECT_FALSE(watches.fire({EventType::kNodeDataChanged, {}, "/parent"}));
  EXPECT_TRUE(watches.fire({EventType::kNodeDeleted, {}, "/parent"}));
  EXPECT_FALSE(watches.fire({EventType::kNodeChildrenChanged, {}, "/data"}));
  EXPECT_TRUE(watches.fire({EventType::kNodeDataChanged, {}, "/data"}));
  EXPECT_FALSE(watches.fire({EventType::kNodeDataChanged, {}, "/data"}));
  EXPECT_TRUE(watches.fire({EventType::kNodeCreated, {}, "/missing"}));
  EXPECT_THAT(watches.requests(5, 1000).at(0).data_watches, ElementsAre("/there"));
}

TEST(RequestCodecTest, AMultisAnswerMustFitItsRequest) {
  ZkRequest::Multi multi;
  multi.operations.push_back({"/a", ZkRequest::Create{}});
  const ZkRequest request{"/", std::move(multi)};
  const zk::MultiHeader end{OpCode::kError, true, ZkError{-1}};
  const zk::MultiHeader made{OpCode::kCreate2, false, ZkError::kOk};
  zk::Create2Response node{"/a", {}};
  node.stat.czxid = 7;
  EXPECT_EQ(decode_response(request, ZkError::kOk, zk::encode(made, node, end)).parts.at(0).stat,
            node.stat);
  const zk::MultiHeader older{OpCode::kCreate, false, ZkError::kOk};
  EXPECT_EQ(decode_response(request, ZkError::kOk, zk::encode(older, zk::CreateResponse{"/a"}, end))
                .parts.at(0)
                .path,
            "/a");
  EXPECT_THROW(decode_response(request, ZkError::kOk, zk::encode(end)), SerializationException);
  EXPECT_THROW(decode_response(request, ZkError::kOk, zk::encode(made, node, made, node, end)),
               SerializationException);
  EXPECT_THROW(decode_response(request, ZkError::kOk, zk::encode(made)), SerializationException);
  EXPECT_EQ(decode_response(request, ZkError::kNoAuth, {}).error, ZkError::kNoAuth);
}

}  // namespace
}  // namespace kafkascope

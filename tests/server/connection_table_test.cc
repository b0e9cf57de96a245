#include "server/connection_table.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

namespace signal_delivery::server {
namespace {

using std::chrono::seconds;

sockaddr_storage From(const std::string& address) {
  sockaddr_storage peer = {};
  auto& v4 = reinterpret_cast<sockaddr_in&>(peer);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(peer);
  if (inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr), 1);
    v6.sin6_family = AF_INET6;
  }
  return peer;
}

class ConnectionTableTest : public testing::Test {
 protected:
  ~ConnectionTableTest() override { CloseAll(); }

  bool Connect(const std::string& address) {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (!table_.Admit(connection, From(address), now_)) {
      close(connection);
      return false;
    }
    open_.push_back(connection);
    return true;
  }
  // How many are taken until one is not.
  int Fill(const std::string& address) {
    int taken = 0;
    while (Connect(address)) ++taken;
    return taken;
  }
  void CloseAll() {
    for (const int connection : open_) close(connection);
    open_.clear();
  }

  ConnectionTable table_{12};
  ConnectionTable::TimePoint now_{seconds(1'000)};
  std::vector<int> open_;
};

TEST_F(ConnectionTableTest, OneAddressHoldsAtMostAsManyAsItLeavesFree) {
  EXPECT_EQ(Fill("192.0.2.1"), 6);
  EXPECT_EQ(Fill("192.0.2.2"), 3);
  EXPECT_EQ(Fill("192.0.2.3"), 2);
  EXPECT_EQ(Fill("192.0.2.4"), 1);
  EXPECT_EQ(Fill("192.0.2.5"), 0) << "twelve in all";
  EXPECT_EQ(table_.Count(), 12u);
}

TEST_F(ConnectionTableTest, ANetworkOfIpv6IsOneAddress) {
  EXPECT_EQ(Fill("2001:db8:0:1::1"), 6);
  EXPECT_EQ(Fill("2001:db8:0:1::2"), 0);
  EXPECT_EQ(Fill("2001:db8:0:2::1"), 3);
}

TEST_F(ConnectionTableTest, Ipv4ThroughAnIpv6SocketIsAnAddressEach) {
  EXPECT_EQ(Fill("::ffff:192.0.2.1"), 6);
  EXPECT_EQ(Fill("::ffff:192.0.2.2"), 3);
}

TEST_F(ConnectionTableTest, RoomOfClosedConnectionsIsThereAgain) {
  EXPECT_EQ(Fill("192.0.2.1"), 6);
  CloseAll();
  now_ += seconds(1);
  EXPECT_EQ(Fill("192.0.2.1"), 6);
}

TEST_F(ConnectionTableTest, ClosedConnectionsAreNotCounted) {
  EXPECT_EQ(Fill("192.0.2.1"), 6);
  EXPECT_EQ(table_.Count(), 6u);
  CloseAll();
  EXPECT_EQ(table_.Count(), 0u);
}

TEST_F(ConnectionTableTest, ADescriptorThatIsAnotherSocketNowIsNotCounted) {
  ASSERT_TRUE(Connect("192.0.2.1"));
  const int other = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(dup2(other, open_.back()), open_.back());
  close(other);
  EXPECT_EQ(table_.Count(), 0u);
}

TEST_F(ConnectionTableTest, EndsAConnectionAndForgetsWhatItHadReceived) {
  const int listening = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_storage address = From("127.0.0.1");
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(sockaddr_in);
  ASSERT_EQ(bind(listening, generic, size), 0);
  ASSERT_EQ(listen(listening, 1), 0);
  getsockname(listening, generic, &size);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(client, generic, size), 0);
  sockaddr_storage peer = {};
  size = sizeof(peer);
  const int taken =
      accept(listening, reinterpret_cast<sockaddr*>(&peer), &size);
  open_ = {listening, client, taken};
  ASSERT_TRUE(table_.Admit(taken, peer, now_));
  ASSERT_EQ(send(client, "rude", 4, 0), 4);

  const auto& v4 = reinterpret_cast<const sockaddr_in&>(peer);
  const std::string name =
      "ipv4:127.0.0.1:" + std::to_string(ntohs(v4.sin_port));
  EXPECT_TRUE(table_.Disconnect(name));
  char bytes[4];
  EXPECT_LE(recv(taken, bytes, sizeof(bytes), 0), 0);
  EXPECT_LE(recv(client, bytes, sizeof(bytes), 0), 0);
  EXPECT_FALSE(table_.Disconnect(name)) << "there is none any more";
  EXPECT_FALSE(table_.Disconnect("unix:"));
}

}  // namespace
}  // namespace signal_delivery::server

// A host's addresses: connections are spread over them, one that leads nowhere
// costs little, and a change of them is followed.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"

namespace signal_delivery::client {
namespace {

using support::Action;
using support::ScriptedTlsServer;
using Addresses = std::vector<std::string>;
using Cause = Verdict::Cause;

// 127.0.0.2, with nothing behind it: connections to it are completed by the
// system, up to the first that is not accepted.
class MuteAddress {
 public:
  explicit MuteAddress(int port) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(port);
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listener_, Generic(), sizeof(address_)), 0);
    EXPECT_EQ(listen(listener_, 0), 0);
  }
  ~MuteAddress() {
    for (const int socket : {listener_, filler_, accepted_}) close(socket);
  }

  // From now on packets to it are dropped without a word.
  void BecomeBlackHole() {
    filler_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(connect(filler_, Generic(), sizeof(address_)), 0);
  }
  // Blocks until there is a connection.
  void Accept() {
    accepted_ = accept(listener_, nullptr, nullptr);
    EXPECT_GE(accepted_, 0);
  }

 private:
  sockaddr* Generic() { return reinterpret_cast<sockaddr*>(&address_); }

  sockaddr_in address_ = {};
  int listener_ = -1;
  int filler_ = -1;
  int accepted_ = -1;
};

TEST(HostAddresses, ShareTheConnections) {
  ScriptedTlsServer server;
  MuteAddress other(server.port());
  absl::Notification may_answer;
  server.OnNextRequest(Action::Answer(202).After(may_answer));
  DeliveryClient::Options options = OneThread();
  options.lookup = [](const std::string&) -> Addresses {
    return {"127.0.0.1", "127.0.0.2"};
  };
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  auto first = Start(*client, destination);
  server.WaitForRequests(1);
  auto second = Start(*client, destination);
  other.Accept();
  may_answer.Notify();
  EXPECT_EQ(first.get().cause, Cause::kTaken);
  EXPECT_EQ(second.get().cause, Cause::kTaken);
}

TEST(HostAddresses, ThatLeadNowhereAreLeftAloneForAWhile) {
  ScriptedTlsServer server;
  server.ByDefault(Action::Answer(202, "", {"Connection: close"}));
  MuteAddress mute(server.port());
  mute.BecomeBlackHole();
  DeliveryClient::Options options = OneThread();
  options.connect_timeout = absl::Seconds(1);
  options.lookup = [](const std::string&) -> Addresses {
    return {"127.0.0.2", "127.0.0.1"};
  };
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(server.name_and_port());
  EXPECT_EQ(Deliver(*client, destination).attempts, 1) << "by the other one";
  // Whoever comes to it now is let in and hears nothing, so that it would take
  // another attempt to be taken.
  mute.Accept();
  for (int i = 0; i < 4; ++i) {
    const Verdict verdict = Deliver(*client, destination);
    EXPECT_EQ(verdict.cause, Cause::kTaken);
    EXPECT_EQ(verdict.attempts, 1) << i;
  }
}

TEST(HostAddresses, ThatChangeAreFollowedOnceTheConnectionIsOld) {
  ScriptedTlsServer before;
  ScriptedTlsServer after("127.0.0.2", before.port());
  std::atomic<bool> changed = false;
  DeliveryClient::Options options = OneThread();
  options.max_connection_age = absl::Milliseconds(20);
  options.lookup = [&](const std::string&) -> Addresses {
    return {changed ? "127.0.0.2" : "127.0.0.1"};
  };
  const auto client = MakeClient(options);
  const auto destination = DestinationAt(before.name_and_port());
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  changed = true;
  before.WaitForEndedConnections(1);
  EXPECT_EQ(Deliver(*client, destination).cause, Cause::kTaken);
  EXPECT_EQ(before.requests().size(), 1u);
  EXPECT_EQ(after.requests().size(), 1u);
}

TEST(HostAddresses, ThatChangeAreFollowedWithinAMinuteByDefault) {
  const DeliveryClient::Options options;
  EXPECT_LE(options.max_connection_age + options.connect_timeout,
            absl::Minutes(1));
}

}  // namespace
}  // namespace signal_delivery::client

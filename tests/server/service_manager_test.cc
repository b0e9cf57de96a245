// What systemd hears: a real datagram socket in its place.
#include "server/service_manager.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace signal_delivery::server {
namespace {

using ::testing::MatchesRegex;

class ServiceManagerTest : public testing::Test {
 protected:
  // An address of the abstract namespace: free of any folder's path.
  ServiceManagerTest() : name_(absl::StrCat("@signal-delivery-", getpid())) {
    socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    name_.copy(address.sun_path + 1, name_.size() - 1, 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address),
                   static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) +
                                          name_.size())),
              0);
    setenv("NOTIFY_SOCKET", name_.c_str(), 1);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
  }
  ~ServiceManagerTest() override { close(socket_); }

  std::string Read() {
    char buffer[1024];
    const ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
    return std::string(buffer, size < 0 ? 0 : size);
  }

  std::string name_;
  int socket_;
};

TEST_F(ServiceManagerTest, HearsOfEveryTurn) {
  const ServiceManager manager;
  manager.Ready("3 integrations");
  EXPECT_EQ(Read(), "READY=1\nSTATUS=3 integrations");
  manager.Reloading();
  EXPECT_THAT(Read(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  manager.Stopping("draining");
  EXPECT_EQ(Read(), "STOPPING=1\nSTATUS=draining");
  manager.Alive();
  EXPECT_EQ(Read(), "WATCHDOG=1");
}

TEST_F(ServiceManagerTest, IsToldThatAllIsWellTwiceAsOftenAsItAsks) {
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::nullopt);
  setenv("WATCHDOG_USEC", "10000000", 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), absl::Seconds(5));
  setenv("WATCHDOG_PID", absl::StrCat(getpid()).c_str(), 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), absl::Seconds(5));
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::nullopt);
  setenv("WATCHDOG_USEC", "nonsense", 1);
  unsetenv("WATCHDOG_PID");
  EXPECT_EQ(ServiceManager().watchdog_interval(), std::nullopt);
}

TEST_F(ServiceManagerTest, ThatIsNotThereIsNoProblem) {
  for (const std::string& socket :
       {std::string(), std::string("/no/such/socket"), std::string(300, 'x')}) {
    setenv("NOTIFY_SOCKET", socket.c_str(), 1);
    ServiceManager().Ready("");
  }
  const ServiceManager manager;
  unsetenv("NOTIFY_SOCKET");
  ServiceManager().Ready("");
}

}  // namespace
}  // namespace signal_delivery::server

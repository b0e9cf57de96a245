#include "server/listening_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/config_folder.h"

namespace signal_delivery::server {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string MessageOf(const std::string& address) {
  return std::string(ListeningSockets::Open(address).status().message());
}

bool Exists(const std::string& path) {
  struct stat file;
  return stat(path.c_str(), &file) == 0;
}

TEST(ListeningSocketsTest, APortOfZeroIsAFreeOne) {
  const auto opened = ListeningSockets::Open("127.0.0.1:0");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->sockets(), SizeIs(1));
  EXPECT_GT(opened->port(), 0);
}

TEST(ListeningSocketsTest, AllAddressesOfANameHaveOnePort) {
  const auto opened = ListeningSockets::Open("localhost:0");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(MessageOf(absl::StrCat("127.0.0.1:", opened->port())),
              HasSubstr("in use"));
}

TEST(ListeningSocketsTest, AllAddressesOfIpv6TakeThoseOfIpv4) {
  const auto opened = ListeningSockets::Open("[::]:0");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(MessageOf(absl::StrCat("127.0.0.1:", opened->port())),
              HasSubstr("in use"));
}

TEST(ListeningSocketsTest, TwoDoNotShareAPort) {
  const auto opened = ListeningSockets::Open("127.0.0.1:0");
  EXPECT_THAT(MessageOf(absl::StrCat("127.0.0.1:", opened->port())),
              HasSubstr("in use"));
}

TEST(ListeningSocketsTest, APortIsFreeOnceItIsClosed) {
  int port = 0;
  { port = ListeningSockets::Open("127.0.0.1:0")->port(); }
  EXPECT_EQ(MessageOf(absl::StrCat("127.0.0.1:", port)), "");
}

// A socket's path may be no longer than 107 bytes, and the test's folder is.
class UnixSocketTest : public testing::Test {
 protected:
  UnixSocketTest() { EXPECT_EQ(chdir(folder_.path().c_str()), 0); }

  const support::ConfigFolder folder_;
  const std::string path_ = "signal.sock";
};

TEST_F(UnixSocketTest, ItsFileIsRemovedAtTheEnd) {
  {
    const auto opened = ListeningSockets::Open("unix:" + path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->port(), 0);
    EXPECT_TRUE(Exists(path_));
    EXPECT_THAT(MessageOf("unix:" + path_), HasSubstr("in use"));
  }
  EXPECT_FALSE(Exists(path_));
}

TEST_F(UnixSocketTest, OneThatNobodyListensOnIsReplaced) {
  const int dead = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, path_.size());
  ASSERT_EQ(bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
            0);
  close(dead);
  ASSERT_TRUE(Exists(path_));
  EXPECT_EQ(MessageOf("unix:" + path_), "");
}

TEST_F(UnixSocketTest, AFileThatIsNoSocketIsLeftAlone) {
  folder_.Write(path_, "precious");
  EXPECT_THAT(MessageOf("unix:" + path_), HasSubstr("in use"));
  EXPECT_TRUE(Exists(path_));
}

TEST(ListeningSocketsTest, AnAbstractNameNeedsNoFile) {
  const std::string address = absl::StrCat("unix-abstract:test-", getpid());
  const auto opened = ListeningSockets::Open(address);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(MessageOf(address), HasSubstr("in use"));
}

TEST(ListeningSocketsTest, WhatIsNoAddressIsAnError) {
  for (const char* address : {"127.0.0.1", "127.0.0.1:none", "no.such.test:1",
                              "unix:", "192.0.2.1:0"}) {
    EXPECT_NE(MessageOf(address), "") << address;
  }
}

}  // namespace
}  // namespace signal_delivery::server

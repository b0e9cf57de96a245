// Actions and tests see no network but their own loopback, and no home
// directory. The sandbox does that; where a machine allows none, tools/setup
// has said so, and there is nothing to test.
#include <arpa/inet.h>
#include <errno.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/file.h"

namespace signal_delivery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const std::string& file) {
  const auto text = server::ReadFile(file);
  EXPECT_TRUE(text.ok()) << text.status();
  return absl::StrSplit(text.value_or(""), '\n', absl::SkipEmpty());
}

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    names.push_back(entry.path().string());
  }
  return names;
}

class HermeticTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const std::string& line : Lines("machine.bazelrc")) {
      if (absl::StrContains(line, "processwrapper")) {
        GTEST_SKIP() << "this machine allows no sandbox";
      }
    }
  }
};

TEST_F(HermeticTest, ATestHasNoInterfaceButLoopback) {
  struct if_nameindex* const interfaces = if_nameindex();
  ASSERT_NE(interfaces, nullptr);
  std::vector<std::string> names;
  for (const auto* each = interfaces; each->if_name != nullptr; ++each) {
    names.push_back(each->if_name);
  }
  if_freenameindex(interfaces);
  EXPECT_THAT(names, ElementsAre("lo"));
}

TEST_F(HermeticTest, ATestCannotConnectToTheOutside) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(fd, 0);
  sockaddr_in outside = {};
  outside.sin_family = AF_INET;
  outside.sin_port = htons(443);
  // RFC 5737: an address for examples, so that nobody is asked where it fails.
  inet_pton(AF_INET, "192.0.2.1", &outside.sin_addr);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&outside), sizeof(outside)),
            -1);
  EXPECT_EQ(errno, ENETUNREACH);
  close(fd);
}

TEST_F(HermeticTest, AnActionHadNoInterfaceButLoopbackAndNoHome) {
  EXPECT_THAT(Lines("tests/packaging/seen_by_an_action.txt"),
              ElementsAre("interface lo", "home none"));
}

TEST_F(HermeticTest, TheHomeDirectoryIsOutOfReach) {
  for (const std::string& line : Lines("machine.bazelrc")) {
    absl::string_view path = line;
    if (!absl::ConsumePrefix(&path, "build --sandbox_block_path=")) continue;
    // It is another folder there, an empty one.
    EXPECT_THAT(NamesIn(std::string(path)), IsEmpty()) << path;
    return;
  }
  GTEST_SKIP() << "the clone is in the home directory, which stays visible";
}

}  // namespace
}  // namespace signal_delivery

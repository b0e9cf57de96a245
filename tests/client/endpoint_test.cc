#include "client/endpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace signal_delivery::client {
namespace {

struct Good {
  const char* text;
  const char* host;
  int port;
  const char* formatted;
};

class GoodEndpoint : public testing::TestWithParam<Good> {};

TEST_P(GoodEndpoint, IsReadAndWritten) {
  const auto endpoint = ParseEndpoint(GetParam().text);
  ASSERT_TRUE(endpoint.ok()) << endpoint.status();
  EXPECT_EQ(endpoint->host, GetParam().host);
  EXPECT_EQ(endpoint->port, GetParam().port);
  EXPECT_EQ(FormatEndpoint(*endpoint), GetParam().formatted);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoodEndpoint,
    testing::Values(Good{"s2s.mparticle.com", "s2s.mparticle.com", 443,
                         "s2s.mparticle.com"},
                    Good{"S2S.mParticle.com:443", "s2s.mparticle.com", 443,
                         "s2s.mparticle.com"},
                    Good{"localhost:8443", "localhost", 8443, "localhost:8443"},
                    Good{"a_b-c.d:1", "a_b-c.d", 1, "a_b-c.d:1"},
                    Good{"192.0.2.1", "192.0.2.1", 443, "192.0.2.1"},
                    Good{"192.0.2.1:65535", "192.0.2.1", 65535,
                         "192.0.2.1:65535"},
                    Good{"[2001:DB8::1]", "2001:db8::1", 443, "[2001:db8::1]"},
                    Good{"[::1]:8443", "::1", 8443, "[::1]:8443"}));

class BadEndpoint : public testing::TestWithParam<const char*> {};

TEST_P(BadEndpoint, IsRefusedByName) {
  const auto endpoint = ParseEndpoint(GetParam());
  ASSERT_EQ(endpoint.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(endpoint.status().message()).find(GetParam()),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadEndpoint,
    testing::Values("", ":8443", "https://s2s.mparticle.com", "host/path",
                    "user@host", "two words", "host:", "host:0", "host:65536",
                    "host:+1", "host: 1", "host:12x", "host:1:2", "::1",
                    "2001:db8::1", "[::1", "[]", "[::1]8443", "[localhost]",
                    "[192.0.2.1]", "300.1.1.1", "1.2.3", ".host", "host.",
                    "a..b", "-a.b", "a-.b", "h\xc3\xb6st", "host\r\nX: y",
                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                    "aaaaaaaa.com"));

TEST(IsIpAddress, KnowsBothFamiliesFromNames) {
  EXPECT_TRUE(IsIpAddress("127.0.0.1"));
  EXPECT_TRUE(IsIpAddress("::1"));
  EXPECT_FALSE(IsIpAddress("localhost"));
  EXPECT_FALSE(IsIpAddress("127.0.0.1.example"));
  EXPECT_FALSE(IsIpAddress(""));
}

}  // namespace
}  // namespace signal_delivery::client

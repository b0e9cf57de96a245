#include "client/destination.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/support/test_certificates.h"

namespace signal_delivery::client {
namespace {

std::shared_ptr<const TlsContext> Tls() {
  return TlsContext::Create(support::TestCertificates::Get().ca_file()).value();
}

TEST(Destination, WritesTheHeadOfARequest) {
  const auto destination =
      Destination::Create({.host = "s2s.mparticle.com", .port = 443}, Tls(),
                          "/v2/events", "Basic eDp5");
  ASSERT_TRUE(destination.ok()) << destination.status();
  EXPECT_EQ((*destination)->RequestHead(12),
            "POST /v2/events HTTP/1.1\r\n"
            "Host: s2s.mparticle.com\r\n"
            "User-Agent: signal-delivery/1\r\n"
            "Authorization: Basic eDp5\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 12\r\n"
            "\r\n");
}

TEST(Destination, HandsATraceOnBehindWhatEveryRequestHas) {
  const auto destination = Destination::Create(
      {.host = "localhost", .port = 443}, Tls(), "/", "Basic eDp5");
  ASSERT_TRUE(destination.ok()) << destination.status();
  EXPECT_NE((*destination)
                ->RequestHead(1, "00-0af7-b7ad-01")
                .find("Content-Length: 1\r\n"
                      "traceparent: 00-0af7-b7ad-01\r\n\r\n"),
            std::string::npos);
  EXPECT_EQ((*destination)->RequestHead(1, "00\r\nX: y"),
            (*destination)->RequestHead(1))
      << "would be a header of its own";
}

TEST(Destination, NamesThePortThatIsNotTheUsualOne) {
  const auto destination = Destination::Create({.host = "::1", .port = 8443},
                                               Tls(), "/", "Basic eDp5");
  ASSERT_TRUE(destination.ok()) << destination.status();
  EXPECT_NE((*destination)->RequestHead(0).find("\r\nHost: [::1]:8443\r\n"),
            std::string::npos);
}

TEST(Destination, RefusesWhatWouldChangeTheRequest) {
  const Endpoint host = {.host = "localhost", .port = 1};
  for (const char* path : {"", "v2", "/a b", "/a\r\nX: y", "/\xc3\xb6"}) {
    EXPECT_FALSE(Destination::Create(host, Tls(), path, "Basic eDp5").ok())
        << path;
  }
  for (const char* authorization : {"", "Basic a\r\nX: y", "Basic \x01"}) {
    EXPECT_FALSE(Destination::Create(host, Tls(), "/", authorization).ok())
        << authorization;
  }
  EXPECT_FALSE(Destination::Create(host, nullptr, "/", "Basic eDp5").ok());
}

TEST(Destination, KeepsTheSecretOutOfItsErrors) {
  const auto destination = Destination::Create({.host = "localhost", .port = 1},
                                               Tls(), "/", "Basic s3cret\n");
  ASSERT_FALSE(destination.ok());
  EXPECT_EQ(destination.status().ToString().find("s3cret"), std::string::npos);
}

// The example of RFC 7617, section 2.
TEST(BasicAuthorization, IsAsTheStandardWritesIt) {
  EXPECT_EQ(BasicAuthorization("Aladdin", "open sesame").Reveal(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(TlsContext, SaysWhichBundleItCannotRead) {
  const auto tls = TlsContext::Create("/no/such/bundle.pem");
  ASSERT_EQ(tls.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(tls.status().message()).find("/no/such/bundle.pem"),
            std::string::npos);
}

TEST(TlsContext, RefusesABundleWithoutCertificates) {
  EXPECT_EQ(TlsContext::Create("/dev/null").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(TlsContext, ReadsTheSystemsBundle) {
  const auto tls = TlsContext::Create("");
  EXPECT_TRUE(tls.ok()) << tls.status();
}

TEST(Destination, HasARateOfAtLeastOne) {
  const Endpoint host = {.host = "localhost", .port = 1};
  const auto at_rate = [&](double rate) {
    return Destination::Create(host, Tls(), "/", "Basic eDp5", rate);
  };
  EXPECT_EQ((*at_rate(1))->max_requests_per_second(), 1);
  EXPECT_EQ((*Destination::Create(host, Tls(), "/", "Basic eDp5"))
                ->max_requests_per_second(),
            270);
  EXPECT_FALSE(at_rate(0.9).ok());
  EXPECT_FALSE(at_rate(std::nan("")).ok());
}

}  // namespace
}  // namespace signal_delivery::client

// Each limit of a connection, over raw sockets.
#include "server/connection_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/support/caller.h"
#include "tests/support/config_folder.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/http2_connection.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/server_action.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using support::Action;
using support::CallHeaders;
using support::Frame;
using support::FrameType;
using support::Http2Connection;
using support::TestCertificates;
using ::testing::HasSubstr;

// What tests wait for.
constexpr absl::Duration kSoon = absl::Seconds(1);

class ConnectionLimitsTest : public testing::Test {
 protected:
  void Start(const ConnectionLimits& limits, const std::string& more = "") {
    service_ = std::make_unique<support::RunningService>(
        std::map<std::string, std::string>{
            {"acme",
             support::IntegrationText(mparticle_.name_and_port(),
                                      TestCertificates::Get().ca_file())}},
        more, limits);
  }

  int port() { return service_->server().port(); }

  // A connection that has begun as it should.
  Http2Connection Connect() {
    Http2Connection connection(port());
    EXPECT_TRUE(connection.Send(support::Opening()));
    return connection;
  }

  // Some limits hold once their client has acknowledged them.
  static void Acknowledge(Http2Connection& connection) {
    EXPECT_TRUE(connection.ReadUntil(FrameType::kSettings).has_value());
    connection.Send({FrameType::kSettings, support::kAck});
  }

  // The error code with which the service ends a connection; the connection is
  // closed then.
  static std::optional<uint32_t> EndOf(Http2Connection& connection) {
    const std::optional<Frame> goodbye =
        connection.ReadUntil(FrameType::kGoAway);
    if (!goodbye.has_value()) return std::nullopt;
    return support::ErrorOf(*goodbye);
  }

  // What a call is answered that ends with its headers. gRPC does not compress
  // them.
  static std::string AnswerOn(Http2Connection& connection) {
    const std::optional<Frame> answer =
        connection.ReadUntil(FrameType::kHeaders);
    if (!answer.has_value()) return "";
    EXPECT_TRUE(answer->flags & support::kEndStream);
    return answer->payload;
  }

  // How a status stands in the headers.
  static std::string Status(int code) {
    const std::string text = absl::StrCat(code);
    return absl::StrCat("grpc-status", std::string(1, char(text.size())), text);
  }

  // Makes call 1, so that it is older than those that are made afterwards: the
  // service's threads may begin neighbours in another order.
  void BeginFirst(Http2Connection& connection) {
    connection.Send(CallHeaders(1));
    while (support::Scrape(service_->server().admin_port())
               ["grpc_server_call_started_total{grpc_method=\"datafly.delivery."
                "v1.DeliveryService/DeliverEvents\"}"] == 0) {
    }
  }

  void ExpectHonestCallsSucceed() {
    const grpc::Status status = support::Caller::Plaintext(port()).Deliver();
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  support::ScriptedTlsServer mparticle_;
  std::unique_ptr<support::RunningService> service_;
};

TEST_F(ConnectionLimitsTest, ClientsAreToldHowManyCallsTheyMayMakeAtATime) {
  Start({});
  Http2Connection connection = Connect();
  const std::optional<Frame> settings =
      connection.ReadUntil(FrameType::kSettings);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(support::SettingOf(*settings, support::kMaxConcurrentStreams), 100);
}

TEST_F(ConnectionLimitsTest, TheCallAboveTheLimitWaitsAndIsServed) {
  Start({.max_calls_per_connection = 1});
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  support::Caller caller = support::Caller::Plaintext(port());
  auto first = std::async(std::launch::async, [&] { return caller.Deliver(); });
  mparticle_.WaitForRequests(1);
  auto second =
      std::async(std::launch::async, [&] { return caller.Preview(); });
  // Another connection's calls do not wait for it.
  ASSERT_TRUE(support::Caller::Plaintext(port()).Preview().ok());
  may_answer.Notify();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
}

TEST_F(ConnectionLimitsTest, WhoDoesNotWaitIsDisconnected) {
  Start({.max_calls_per_connection = 1});
  Http2Connection connection = Connect();
  Acknowledge(connection);
  for (uint32_t call = 0; call < 3; ++call) {
    connection.Send(CallHeaders(2 * call + 1));
  }
  // Or this would not end.
  while (connection.Read().has_value()) {
  }
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, HeadersThatAreTooLargeAreResourceExhausted) {
  Start({.max_header_bytes = 8'192});
  Http2Connection connection = Connect();
  Acknowledge(connection);
  connection.Send(CallHeaders(1, {{"x-filler", std::string(9'000, 'x')}}));
  EXPECT_THAT(AnswerOn(connection), HasSubstr(Status(8)));
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, AMessageThatIsTooLargeIsResourceExhausted) {
  Start({.max_request_bytes = 1'000});
  Http2Connection connection = Connect();
  connection.Send(CallHeaders(1));
  connection.Send({FrameType::kData, support::kEndStream, 1,
                   support::MessagePrefix(1'001) + std::string(1'001, 'x')});
  EXPECT_THAT(AnswerOn(connection), HasSubstr(Status(8)));
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, WhereManyAreSlowTheOldestAreResourceExhausted) {
  Start({});
  Http2Connection connection = Connect();
  BeginFirst(connection);
  // One more than may be.
  for (uint32_t call = 3; call <= 33; call += 2) {
    connection.Send(CallHeaders(call));
  }
  const std::optional<Frame> answer = connection.ReadUntil(FrameType::kHeaders);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->stream, 1u);
  EXPECT_THAT(answer->payload, HasSubstr(Status(8)));
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, SlowHealthChecksEndNobodysDelivery) {
  Start({});
  Http2Connection connection = Connect();
  BeginFirst(connection);
  // Of these, too, one more than may be.
  for (uint32_t call = 3; call <= 35; call += 2) {
    connection.Send(CallHeaders(call, {}, "Check", "grpc.health.v1.Health"));
  }
  const std::optional<Frame> answer = connection.ReadUntil(FrameType::kHeaders);
  ASSERT_TRUE(answer.has_value());
  EXPECT_GT(answer->stream, 1u);
  EXPECT_THAT(answer->payload, HasSubstr(Status(8)));
}

TEST_F(ConnectionLimitsTest, AMessageThatDoesNotEndIsDeadlineExceeded) {
  Start({.request_time = kSoon});
  Http2Connection connection = Connect();
  connection.Send(CallHeaders(1));
  connection.Send(
      {FrameType::kData, 0, 1, support::MessagePrefix(1'000) + "begins"});
  const std::string answer = AnswerOn(connection);
  EXPECT_THAT(answer, HasSubstr(Status(4)));
  EXPECT_THAT(answer, HasSubstr("the request was not there after 1s"));
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, ACallWithoutAMessageIsDeadlineExceeded) {
  Start({.request_time = kSoon});
  Http2Connection connection = Connect();
  connection.Send(CallHeaders(1));
  EXPECT_THAT(AnswerOn(connection), HasSubstr(Status(4)));
}

TEST_F(ConnectionLimitsTest, ACallThatEndsWithoutAMessageIsInvalidArgument) {
  Start({});
  Http2Connection connection = Connect();
  Frame headers = CallHeaders(1);
  headers.flags |= support::kEndStream;
  connection.Send(headers);
  EXPECT_THAT(AnswerOn(connection), HasSubstr(Status(3)));
}

TEST_F(ConnectionLimitsTest, AnUnknownCallerIsRefusedBeforeItsMessageIsRead) {
  Start({}, absl::StrCat("callers:\n  - {name: shop, token_sha256: ",
                         std::string(64, 'a'), "}\n"));
  Http2Connection connection = Connect();
  connection.Send(CallHeaders(1, {{"authorization", "Bearer nobody"}}));
  EXPECT_THAT(AnswerOn(connection), HasSubstr(Status(16)));
}

TEST_F(ConnectionLimitsTest, NorIsThatOfWhoMayNotWatchEvents) {
  Start({}, absl::StrCat("callers:\n  - {name: shop, token_sha256: ",
                         std::string(64, 'a'), "}\n"));
  Http2Connection connection = Connect();
  connection.Send(CallHeaders(1, {{"authorization", "Bearer nobody"}},
                              "TailEvents",
                              "datafly.delivery.v1.EventDebuggerService"));
  EXPECT_THAT(AnswerOn(connection), HasSubstr(Status(16)));
}

TEST_F(ConnectionLimitsTest, AnIdleConnectionIsEndedWithGoodbye) {
  Start({.max_idle_time = kSoon});
  Http2Connection connection = Connect();
  EXPECT_TRUE(EndOf(connection).has_value());
}

TEST_F(ConnectionLimitsTest, AnOldConnectionIsEndedInPeace) {
  Start({.max_connection_age = kSoon});
  Http2Connection connection = Connect();
  EXPECT_EQ(EndOf(connection), support::kNoError);
}

TEST_F(ConnectionLimitsTest, TheCallsOfAnOldConnectionEndWithItsGrace) {
  Start({.max_connection_age = kSoon, .age_grace = kSoon});
  Http2Connection connection = Connect();
  connection.Send(CallHeaders(1));
  EXPECT_EQ(EndOf(connection), support::kNoError);
  while (connection.Read().has_value()) {
  }
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, WhoPingsTooOftenIsToldToEnhanceItsCalm) {
  Start({});
  Http2Connection connection = Connect();
  for (int i = 0; i < 10; ++i) {
    connection.Send({FrameType::kPing, 0, 0, std::string(8, 'p')});
  }
  EXPECT_EQ(EndOf(connection), support::kEnhanceYourCalm);
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, WhoResetsTooManyCallsIsDisconnected) {
  Start({.max_resets_per_second = 10});
  Http2Connection connection = Connect();
  uint32_t stream = 1;
  while (connection.Send(
      support::Bytes(CallHeaders(stream)) +
      support::Bytes({FrameType::kReset, 0, stream, std::string(4, '\0')}))) {
    stream += 2;
  }
  ExpectHonestCallsSucceed();
}

TEST_F(ConnectionLimitsTest, WhoDoesNotSpeakHttp2IsDisconnected) {
  Start({.handshake_time = kSoon});
  for (const char* bytes : {"", "PRI * HT"}) {
    Http2Connection connection(port());
    connection.Send(bytes);
    while (connection.Read().has_value()) {
    }
  }
}

TEST_F(ConnectionLimitsTest, WhoIsSilentWhereTlsShouldBeginIsDisconnected) {
  const support::ConfigFolder folder;
  const auto& identity = TestCertificates::Get().good();
  Start({.handshake_time = kSoon},
        absl::StrCat("tls:\n  certificate: ",
                     folder.Write("server.pem", identity.certificate),
                     "\n  private_key: ",
                     folder.Write("server.key", identity.private_key), "\n"));
  Http2Connection silent(port());
  EXPECT_TRUE(silent.IsClosedWithoutAWord());
  EXPECT_TRUE(support::Caller::Tls(port()).Deliver().ok());
}

TEST_F(ConnectionLimitsTest, WhoNeverEndsItsHeadersIsDisconnected) {
  Start({.keepalive_interval = kSoon, .keepalive_timeout = kSoon});
  Http2Connection connection = Connect();
  const std::string headers = support::Bytes(CallHeaders(1));
  connection.Send(headers.substr(0, headers.size() / 2));
  // Amid headers it cannot answer whether it is still there.
  while (connection.Read().has_value()) {
  }
  ExpectHonestCallsSucceed();
}

}  // namespace
}  // namespace signal_delivery::server

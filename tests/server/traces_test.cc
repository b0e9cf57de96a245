// The trace of a call: from its caller, by way of the service's spans, to
// mParticle's request. Over real gRPC, TLS and HTTP.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "nlohmann/json.hpp"
#include "server/trace_context.h"
#include "tests/support/config_folder.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/signal_events.h"
#include "tests/support/span_collector.h"
#include "tests/support/stream_caller.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::nlohmann::json;
using support::Action;
using support::AttributeOf;
using support::RunningService;
using support::SpanCollector;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kCallerSpan[] = "b7ad6b7169203331";
constexpr char kSampled[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kNotSampled[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

class TracesTest : public testing::Test {
 protected:
  void Start(const std::string& more = "") {
    service_ = std::make_unique<RunningService>(
        std::map<std::string, std::string>{
            {"acme", support::IntegrationText(
                         mparticle_.name_and_port(),
                         support::TestCertificates::Get().ca_file())}},
        more);
  }
  void StartWithCollector(const std::string& sample_ratio = "0") {
    Start(absl::StrCat("traces: {otlp_endpoint: \"", collector_.endpoint(),
                       "\", sample_ratio: ", sample_ratio, "}\n"));
  }

  grpc::Status Deliver(const std::string& traceparent,
                       const std::string& integration = "acme",
                       const std::string& message_id = "m-1") {
    DeliverEventsRequest request;
    request.set_integration_id(integration);
    *request.add_events() = support::LoggedIn(message_id, "u-1");
    DeliverEventsResponse response;
    grpc::ClientContext context;
    if (!traceparent.empty()) context.AddMetadata("traceparent", traceparent);
    return datafly::delivery::v1::DeliveryService::NewStub(service_->channel())
        ->DeliverEvents(&context, request, &response);
  }

  // What mParticle was sent: the header `traceparent` of each request, "" where
  // it has none.
  std::vector<std::string> HandedOn() {
    std::vector<std::string> values;
    for (const auto& request : mparticle_.requests()) {
      values.emplace_back();
      for (absl::string_view line : absl::StrSplit(request.head, "\r\n")) {
        if (absl::ConsumePrefix(&line, "traceparent: ")) {
          values.back() = std::string(line);
        }
      }
    }
    return values;
  }

  // Sends every span that waits.
  void Drain() { service_->server().Drain(absl::ZeroDuration()); }

  double Metric(const std::string& name) {
    return support::Scrape(service_->server().admin_port())[name];
  }

  SpanCollector collector_;
  support::ScriptedTlsServer mparticle_;
  std::unique_ptr<RunningService> service_;
};

TEST_F(TracesTest, WithoutACollectorTheCallersTraceIsHandedOnUnchanged) {
  Start();
  EXPECT_TRUE(Deliver(kSampled).ok());
  EXPECT_TRUE(Deliver(kNotSampled, "acme", "m-2").ok());
  EXPECT_EQ(HandedOn(), (std::vector<std::string>{kSampled, kNotSampled}));
}

TEST_F(TracesTest, WithoutACollectorNothingIsSaidOfATraceThatTheCallerHasNot) {
  Start();
  EXPECT_TRUE(Deliver("").ok());
  EXPECT_TRUE(Deliver("00-garbage", "acme", "m-2").ok());
  EXPECT_EQ(HandedOn(), (std::vector<std::string>{"", ""}));
}

TEST_F(TracesTest, CallAndBatchAreSpansOfTheCallersTrace) {
  StartWithCollector();
  EXPECT_TRUE(Deliver(kSampled).ok());
  const std::vector<json> spans = collector_.WaitForSpans(2);
  const json& batch = spans[0];
  const json& call = spans[1];
  EXPECT_EQ(call["name"], "DeliverEvents");
  EXPECT_EQ(call["kind"], 2);
  EXPECT_EQ(call["traceId"], kTraceId);
  EXPECT_EQ(call["parentSpanId"], kCallerSpan);
  EXPECT_EQ(AttributeOf(call, "rpc.system"), "grpc");
  EXPECT_EQ(AttributeOf(call, "rpc.service"),
            datafly::delivery::v1::DeliveryService::service_full_name());
  EXPECT_EQ(AttributeOf(call, "rpc.method"), "DeliverEvents");
  EXPECT_EQ(AttributeOf(call, "rpc.grpc.status_code"), "0");
  EXPECT_EQ(AttributeOf(call, "signal_delivery.integration"), "acme");
  EXPECT_EQ(AttributeOf(call, "signal_delivery.events"), "1");
  EXPECT_EQ(AttributeOf(call, "signal_delivery.events.accepted"), "1");

  EXPECT_EQ(batch["name"], "POST /v2/events");
  EXPECT_EQ(batch["kind"], 3);
  EXPECT_EQ(batch["traceId"], kTraceId);
  EXPECT_EQ(batch["parentSpanId"], call["spanId"]);
  EXPECT_EQ(AttributeOf(batch, "server.address"), "localhost");
  EXPECT_EQ(AttributeOf(batch, "http.request.method"), "POST");
  EXPECT_EQ(AttributeOf(batch, "http.response.status_code"), "202");
  EXPECT_EQ(AttributeOf(batch, "signal_delivery.attempts"), "1");
  EXPECT_EQ(AttributeOf(batch, "signal_delivery.reason"), "TAKEN");
  EXPECT_THAT(
      mparticle_.requests()[0].body,
      HasSubstr(AttributeOf(batch, "signal_delivery.source_request_id")));
  EXPECT_EQ(HandedOn()[0],
            absl::StrCat("00-", kTraceId, "-",
                         batch["spanId"].get<std::string>(), "-01"));
  EXPECT_EQ(batch["resource"]["attributes"][0]["value"]["stringValue"],
            "signal-delivery");
  EXPECT_LE(call["startTimeUnixNano"], batch["startTimeUnixNano"]);
  EXPECT_LE(batch["endTimeUnixNano"], call["endTimeUnixNano"]);
}

TEST_F(TracesTest, NothingOfAnEventIsInASpan) {
  StartWithCollector();
  EXPECT_TRUE(Deliver(kSampled).ok());
  collector_.WaitForSpans(2);
  for (const std::string value : {support::kIp, "u-1", "m-1", "Logged In",
                                  support::kApiKey, support::kApiSecret}) {
    EXPECT_THAT(collector_.bytes(), Not(HasSubstr(value)));
  }
}

TEST_F(TracesTest, AllAttemptsAreOneSpanAndOneTraceparent) {
  mparticle_.OnNextRequest(Action::Answer(503, "", {"Retry-After: 0"}));
  StartWithCollector();
  EXPECT_TRUE(Deliver(kSampled).ok());
  const std::vector<json> spans = collector_.WaitForSpans(2);
  EXPECT_EQ(AttributeOf(spans[0], "signal_delivery.attempts"), "2");
  ASSERT_THAT(HandedOn(), SizeIs(2));
  EXPECT_EQ(HandedOn()[0], HandedOn()[1]);
  EXPECT_EQ(mparticle_.requests()[0].body, mparticle_.requests()[1].body);
}

TEST_F(TracesTest, ATraceparentThatIsNotValidBeginsANewTrace) {
  StartWithCollector("1");
  EXPECT_TRUE(
      Deliver("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01").ok());
  const std::vector<json> spans = collector_.WaitForSpans(2);
  EXPECT_NE(spans[1]["traceId"], kTraceId);
  EXPECT_FALSE(spans[1].contains("parentSpanId"));
  EXPECT_EQ(spans[0]["traceId"], spans[1]["traceId"]);
  EXPECT_EQ(spans[0]["parentSpanId"], spans[1]["spanId"]);
}

TEST_F(TracesTest, WhatTheCallerDoesNotRecordIsNotRecordedHere) {
  StartWithCollector("1");
  EXPECT_TRUE(Deliver(kNotSampled).ok());
  Drain();
  EXPECT_EQ(HandedOn(), std::vector<std::string>{kNotSampled});
  EXPECT_THAT(collector_.spans(), IsEmpty());
}

TEST_F(TracesTest, WhatChanceDoesNotPickIsHandedOnAsNotRecorded) {
  StartWithCollector("0");
  EXPECT_TRUE(Deliver("").ok());
  Drain();
  EXPECT_THAT(collector_.spans(), IsEmpty());
  ASSERT_THAT(HandedOn(), SizeIs(1));
  const auto handed_on = TraceContext::Parse(HandedOn()[0]);
  ASSERT_TRUE(handed_on.has_value()) << HandedOn()[0];
  EXPECT_FALSE(handed_on->sampled());
}

TEST_F(TracesTest, ABatchThatIsNotTakenIsAnErrorOfItsSpan) {
  mparticle_.ByDefault(Action::Answer(403));
  StartWithCollector();
  EXPECT_TRUE(Deliver(kSampled).ok());
  const std::vector<json> spans = collector_.WaitForSpans(2);
  EXPECT_EQ(spans[0]["status"]["code"], 2);
  EXPECT_EQ(AttributeOf(spans[0], "http.response.status_code"), "403");
  EXPECT_EQ(AttributeOf(spans[0], "signal_delivery.reason"), "FORBIDDEN");
  EXPECT_FALSE(spans[1].contains("status")) << "the call has its answer";
  EXPECT_EQ(AttributeOf(spans[1], "signal_delivery.events.not_delivered"), "1");
}

TEST_F(TracesTest, ARefusedCallIsASpanOfItsOwn) {
  StartWithCollector();
  EXPECT_FALSE(Deliver(kSampled, "no-such-integration").ok());
  const std::vector<json> spans = collector_.WaitForSpans(1);
  EXPECT_EQ(spans[0]["parentSpanId"], kCallerSpan);
  EXPECT_EQ(spans[0]["status"]["code"], 2);
  EXPECT_EQ(AttributeOf(spans[0], "rpc.grpc.status_code"), "5");
  EXPECT_EQ(AttributeOf(spans[0], "signal_delivery.reason"),
            "NO_SUCH_INTEGRATION");
}

TEST_F(TracesTest, EachRequestOfAStreamIsASpanOfTheStreamsCaller) {
  StartWithCollector();
  support::StreamCaller stream(service_->channel(),
                               {{"traceparent", kSampled}});
  stream.Send(support::StreamRequest(1, {support::LoggedIn("m-1", "u-1")}));
  EXPECT_TRUE(stream.Read().has_value());
  stream.Send(support::StreamRequest(2, {}, "none"));
  EXPECT_TRUE(stream.Read().has_value());
  const std::vector<json> spans = collector_.WaitForSpans(3);
  for (const json& span : {spans[1], spans[2]}) {
    EXPECT_EQ(span["name"], "DeliverStream");
    EXPECT_EQ(span["parentSpanId"], kCallerSpan);
    EXPECT_EQ(AttributeOf(span, "rpc.method"), "DeliverStream");
  }
  EXPECT_NE(spans[1]["spanId"], spans[2]["spanId"]);
  EXPECT_EQ(spans[0]["parentSpanId"], spans[1]["spanId"]);
  EXPECT_EQ(AttributeOf(spans[2], "signal_delivery.reason"),
            "NO_SUCH_INTEGRATION");
}

TEST_F(TracesTest, ACollectorThatIsAwayCostsCallsNothingAndIsCounted) {
  // Nobody listens on port 1.
  Start("traces: {otlp_endpoint: \"http://127.0.0.1:1\"}\n");
  EXPECT_TRUE(Deliver(kSampled).ok());
  Drain();
  EXPECT_EQ(Metric("signal_delivery_spans_dropped_total"), 2);
  EXPECT_EQ(Metric("signal_delivery_spans_exported_total"), 0);
}

TEST_F(TracesTest, SpansThatWaitAreSentBeforeTheEnd) {
  StartWithCollector();
  EXPECT_TRUE(Deliver(kSampled).ok());
  Drain();
  EXPECT_THAT(collector_.spans(), SizeIs(2));
  EXPECT_EQ(Metric("signal_delivery_spans_exported_total"), 2);
  EXPECT_EQ(Metric("signal_delivery_spans_dropped_total"), 0);
}

}  // namespace
}  // namespace signal_delivery::server

// What the running service exposes to Prometheus, over its admin port.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/server/delivery_test.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using support::Action;
using support::ExposedMetrics;
using support::LoggedIn;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public DeliveryTest {
 protected:
  ExposedMetrics Scrape() {
    return support::Scrape(service_.server().admin_port());
  }
  void Deliver(const std::string& message_id) {
    EXPECT_TRUE(
        service_.Deliver({LoggedIn(message_id, "u")}, "acme").status.ok());
  }
  static std::string Events(const std::string& outcome,
                            const std::string& reason) {
    return absl::StrCat(
        "signal_delivery_events_total{integration=\"acme\","
        "outcome=\"",
        outcome, "\",reason=\"", reason, "\"}");
  }
  static std::string Of(const std::string& name, const std::string& more = "") {
    return absl::StrCat("signal_delivery_", name, "{integration=\"acme\"", more,
                        "}");
  }
  static std::string Status(const std::string& status) {
    return absl::StrCat(",status=\"", status, "\"");
  }
};

TEST_F(MetricsTest, WhatWillBeCountedIsThereBeforeItComes) {
  const ExposedMetrics metrics = Scrape();
  EXPECT_EQ(metrics[Events("ACCEPTED", "TAKEN")], 0);
  EXPECT_EQ(metrics[Events("UNKNOWN", "UPSTREAM_ERROR")], 0);
  EXPECT_EQ(metrics[Of("attempts_total", Status("429"))], 0);
  EXPECT_EQ(
      metrics[Of("refused_calls_total", ",reason=\"WAIT_EXCEEDS_DEADLINE\"")],
      0);
}

TEST_F(MetricsTest, EventsAreCountedAsCallersAreToldOfThem) {
  const auto message = LoggedIn("m-1", "u");
  EXPECT_TRUE(service_.Deliver({message, message, LoggedIn("m-2", "u")}, "acme")
                  .status.ok());
  EXPECT_TRUE(service_.Deliver({message}, "acme").status.ok());
  datafly::signal::v1::Event nothing;
  EXPECT_TRUE(service_.Deliver({nothing}, "acme").status.ok());
  const ExposedMetrics metrics = Scrape();
  EXPECT_EQ(metrics[Events("ACCEPTED", "TAKEN")] +
                metrics[Events("ACCEPTED", "TAKEN_EARLIER")],
            4);
  EXPECT_EQ(metrics[Events("REJECTED", "INVALID_EVENT")], 1);
}

TEST_F(MetricsTest, APreviewCountsNoEvents) {
  EXPECT_TRUE(service_.Preview({LoggedIn("m-1", "u")}, "acme").status.ok());
  EXPECT_EQ(Scrape()[Events("ACCEPTED", "TAKEN")], 0);
}

TEST_F(MetricsTest, BatchesAreCountedWithTheirEventsAndBytes) {
  EXPECT_TRUE(service_
                  .Deliver({LoggedIn("m-1", "u"), LoggedIn("m-2", "u"),
                            LoggedIn("m-3", "v")},
                           "acme")
                  .status.ok());
  size_t bytes = 0;
  for (const auto& request : mparticle_.requests()) {
    bytes += request.body.size();
  }
  const ExposedMetrics metrics = Scrape();
  EXPECT_EQ(metrics[Of("batches_total", ",outcome=\"ACCEPTED\"")], 2);
  EXPECT_EQ(metrics[Of("batch_events_sum")], 3);
  EXPECT_EQ(metrics[Of("batch_size_bytes_count")], 2);
  EXPECT_EQ(metrics[Of("batch_size_bytes_sum")], bytes);
}

TEST_F(MetricsTest, AttemptsAreCountedByStatusWhateverTheHostAnswers) {
  mparticle_.OnNextRequest(Action::Answer(503, "", {"Retry-After: 0"}));
  Deliver("m-1");
  mparticle_.OnNextRequest(Action::Answer(418));
  Deliver("m-2");
  mparticle_.OnNextRequest(Action::Answer(599));
  mparticle_.OnNextRequest(Action::Reset());
  Deliver("m-3");
  const ExposedMetrics metrics = Scrape();
  for (const char* status : {"503", "4xx", "5xx", "no_answer"}) {
    EXPECT_EQ(metrics[Of("attempts_total", Status(status))], 1) << status;
    EXPECT_EQ(metrics[Of("upstream_duration_seconds_count", Status(status))],
              1);
  }
  EXPECT_EQ(metrics[Of("attempts_total", Status("202"))], 2);
  EXPECT_EQ(metrics[Of("attempts_total", Status("connect_failed"))], 0);
}

TEST_F(MetricsTest, WhatPacingAndTheBreakerDoIsThereOnceSomethingIsDelivered) {
  EXPECT_EQ(Scrape().Find(Of("breaker_open")), std::nullopt);
  EXPECT_EQ(Scrape()[Of("configured_rate")], 270);
  mparticle_.OnNextRequest(
      Action::Answer(202, "", {"X-mp-rate-limit-percentage-used: 90"}));
  Deliver("m-1");
  const ExposedMetrics metrics = Scrape();
  EXPECT_EQ(metrics[Of("breaker_open")], 0);
  EXPECT_EQ(metrics[Of("rate_limit_used_percent")], 90);
  EXPECT_LT(metrics[Of("pacing_rate")], 200);
  EXPECT_GE(metrics[Of("concurrency_limit")], 1);
  EXPECT_EQ(metrics[Of("waiting_batches")], 0);
  EXPECT_EQ(metrics[Of("estimated_wait_seconds")], 0);
  mparticle_.ByDefault(Action::Answer(401));
  Deliver("m-2");
  EXPECT_EQ(Scrape()[Of("breaker_open")], 1);
}

TEST_F(MetricsTest, ConnectionsAreCountedByWhatTheyDo) {
  Deliver("m-1");
  Deliver("m-2");
  const ExposedMetrics metrics = Scrape();
  EXPECT_EQ(metrics["signal_delivery_connections{state=\"idle\"}"], 1);
  EXPECT_EQ(metrics["signal_delivery_connections{state=\"busy\"}"], 0);
  EXPECT_EQ(metrics["signal_delivery_connections{state=\"opening\"}"], 0);
  EXPECT_EQ(metrics["signal_delivery_connections_opened_total"], 1);
}

TEST_F(MetricsTest, UniqueNamesAreCounted) {
  Deliver("m-1");
  Deliver("m-2");
  EXPECT_EQ(Scrape()[Of("unique_names")], 1);
}

TEST_F(MetricsTest, CallsAreMeasuredUnderTheNamesOfGrpc) {
  Deliver("m-1");
  EXPECT_FALSE(service_.Deliver({LoggedIn("m", "u")}, "none").status.ok());
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse health;
  EXPECT_TRUE(grpc::health::v1::Health::NewStub(service_.channel())
                  ->Check(&context, {}, &health)
                  .ok());
  EXPECT_EQ(service_.CallWithBytes("", "NoSuchMethod").status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  const ExposedMetrics metrics = Scrape();
  EXPECT_EQ(metrics["grpc_server_call_duration_seconds_count{grpc_method="
                    "\"other\",grpc_status=\"UNIMPLEMENTED\"}"],
            1);
  const std::string method =
      "{grpc_method=\"datafly.delivery.v1.DeliveryService/DeliverEvents\"";
  const std::string ok = method + ",grpc_status=\"OK\"}";
  EXPECT_EQ(metrics["grpc_server_call_started_total" + method + "}"], 2);
  EXPECT_EQ(metrics["grpc_server_call_duration_seconds_count" + ok], 1);
  EXPECT_GT(metrics["grpc_server_call_duration_seconds_sum" + ok], 0);
  for (const char* direction : {"sent", "rcvd"}) {
    EXPECT_GT(
        metrics[absl::StrCat("grpc_server_call_", direction,
                             "_total_compressed_message_size_bytes_sum", ok)],
        10);
  }
  EXPECT_EQ(metrics["grpc_server_call_duration_seconds_count" + method +
                    ",grpc_status=\"NOT_FOUND\"}"],
            1);
  EXPECT_EQ(metrics["grpc_server_call_duration_seconds_count{grpc_method="
                    "\"grpc.health.v1.Health/Check\",grpc_status=\"OK\"}"],
            1);
}

TEST_F(MetricsTest, NothingOfARequestIsALabel) {
  Deliver("canary-message");
  EXPECT_FALSE(
      service_.Deliver({LoggedIn("m", "u")}, "canary-integration").status.ok());
  const auto answer =
      httplib::Client("127.0.0.1", service_.server().admin_port())
          .Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body, Not(HasSubstr("canary")));
  EXPECT_THAT(answer->body, Not(HasSubstr(support::kIp)));
}

// ---- The reference
// -----------------------------------------------------------

// METRICS.md: `| name | type | labels | meaning |`.
std::map<std::string, ExposedMetrics::Metric> Documented() {
  std::ifstream file("server/METRICS.md");
  EXPECT_TRUE(file.good());
  std::map<std::string, ExposedMetrics::Metric> documented;
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() < 5 || !absl::StrContains(cells[1], '`')) continue;
    for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
    const auto name = [](absl::string_view cell) {
      return std::string(absl::StripSuffix(absl::StripPrefix(cell, "`"), "`"));
    };
    ExposedMetrics::Metric metric{cells[2], {}};
    for (const absl::string_view label :
         absl::StrSplit(cells[3], ", ", absl::SkipEmpty())) {
      metric.labels.insert(name(label));
    }
    EXPECT_TRUE(documented.emplace(name(cells[1]), metric).second) << line;
  }
  return documented;
}

TEST_F(MetricsTest, TheReferenceHasEachMetricAndNoOther) {
  mparticle_.OnNextRequest(
      Action::Answer(202, "", {"X-mp-rate-limit-percentage-used: 50"}));
  Deliver("m-1");
  auto exposed = Scrape().metrics();
  const support::Identity& identity = support::TestCertificates::Get().good();
  const support::ConfigFolder folder;
  support::RunningService with_tls(
      {{"acme", IntegrationTo(mparticle_.name_and_port())}},
      absl::StrCat(
          "tls: {certificate: ",
          folder.Write("server.pem", identity.certificate),
          ", private_key: ", folder.Write("server.key", identity.private_key),
          "}\ntraces: {otlp_endpoint: http://127.0.0.1:9}\n"));
  exposed.merge(
      std::map(support::Scrape(with_tls.server().admin_port()).metrics()));
  const auto documented = Documented();
  for (const auto& [name, metric] : exposed) {
    const auto found = documented.find(name);
    ASSERT_NE(found, documented.end()) << name << " is not in METRICS.md";
    EXPECT_EQ(found->second.type, metric.type) << name;
    EXPECT_EQ(found->second.labels, metric.labels) << name;
  }
  for (const auto& [name, metric] : documented) {
    EXPECT_TRUE(exposed.contains(name)) << name << " is not exposed";
  }
}

}  // namespace
}  // namespace signal_delivery::server

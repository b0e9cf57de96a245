// More than mParticle takes: calls that cannot be served in time are refused at
// once, before anything is done for them.
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/server/delivery_test.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/running_service.h"
#include "tests/support/signal_events.h"
#include "tools/retry_delay.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using support::LoggedIn;
using DeliveryStub = ::datafly::delivery::v1::DeliveryService;

constexpr absl::Duration kShortDeadline = absl::Seconds(2);

class OverloadTest : public testing::Test {
 protected:
  // One batch a second.
  static std::string SlowIntegration(const std::string& host) {
    return support::IntegrationText(host,
                                    support::TestCertificates::Get().ca_file(),
                                    "  max_batches_per_second: 1\n");
  }

  // A batch for each of so many users.
  static DeliverEventsRequest RequestOf(int users, const std::string& call) {
    DeliverEventsRequest request;
    request.set_integration_id("acme");
    for (int i = 0; i < users; ++i) {
      *request.add_events() =
          LoggedIn(absl::StrCat(call, "-", i), absl::StrCat("u-", i));
    }
    return request;
  }

  std::unique_ptr<DeliveryStub::Stub> Stub() {
    return DeliveryStub::NewStub(service_.channel());
  }

  // Of the integration; nothing is 0, as it is before there is a first batch.
  double Metric(const std::string& name) {
    return support::Scrape(service_.server().admin_port())
        .Find(absl::StrCat(name, "{integration=\"acme\"}"))
        .value_or(0);
  }

  support::ScriptedTlsServer mparticle_;
  support::RunningService service_{
      {{"acme", SlowIntegration(mparticle_.name_and_port())}}};
};

TEST_F(OverloadTest, ACallThatWouldWaitBeyondItsDeadlineIsRefusedAtOnce) {
  grpc::ClientContext long_call;
  auto long_status = std::async(std::launch::async, [&] {
    DeliverEventsResponse response;
    return Stub()->DeliverEvents(&long_call, RequestOf(1'000, "long"),
                                 &response);
  });
  // Its batches come into the queue one after the other.
  while (Metric("signal_delivery_waiting_batches") < 900) {
  }
  EXPECT_GT(Metric("signal_delivery_estimated_wait_seconds"),
            absl::ToDoubleSeconds(kShortDeadline));

  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kShortDeadline));
  DeliverEventsResponse response;
  const grpc::Status status =
      Stub()->DeliverEvents(&context, RequestOf(1, "short"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << status.error_message();
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end());
  EXPECT_GT(
      std::stoi(std::string(pushback->second.data(), pushback->second.size())),
      0);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::ErrorInfo info;
  for (const auto& detail : details.details()) detail.UnpackTo(&info);
  EXPECT_EQ(info.reason(), "WAIT_EXCEEDS_DEADLINE");
  EXPECT_GT(RetryDelay(status), absl::ZeroDuration());
  const auto metrics = support::Scrape(service_.server().admin_port());
  EXPECT_EQ(metrics["signal_delivery_refused_calls_total{integration=\"acme\","
                    "reason=\"WAIT_EXCEEDS_DEADLINE\"}"],
            1);
  EXPECT_EQ(metrics["signal_delivery_calls_under_way"], 1) << "the long one";
  EXPECT_GT(metrics["signal_delivery_request_bytes_under_way"], 1'000);

  long_call.TryCancel();
  EXPECT_EQ(long_status.get().error_code(), grpc::StatusCode::CANCELLED);
  service_.server().Drain(support::kNoHurry);
  for (const auto& request : mparticle_.requests()) {
    EXPECT_EQ(request.body.find("short"), std::string::npos);
  }
}

}  // namespace
}  // namespace signal_delivery::server

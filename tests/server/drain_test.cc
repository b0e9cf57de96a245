// The end of the service: calls under way get their answers, new ones are sent
// elsewhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/server/delivery_test.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"
#include "tests/support/test_certificates.h"

namespace signal_delivery::server {
namespace {

using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using support::Action;
using support::DeliverReply;
using support::kNoHurry;
using support::LoggedIn;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

// Follows the service's health, as a load balancer does.
class HealthWatch {
 public:
  // `service` is a full name, or empty for the server as a whole.
  explicit HealthWatch(const std::shared_ptr<grpc::Channel>& channel,
                       const std::string& service = "")
      : stub_(channel) {
    stream_ =
        stub_.PrepareCall(&context_, "/grpc.health.v1.Health/Watch", &queue_);
    stream_->StartCall(nullptr);
    Next();
    HealthCheckRequest request;
    request.set_service(service);
    stream_->WriteLast(request, grpc::WriteOptions(), nullptr);
    Next();
  }
  ~HealthWatch() {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  // Blocks until there is news. UNKNOWN at the end of the stream.
  HealthCheckResponse::ServingStatus Read() {
    HealthCheckResponse response;
    stream_->Read(&response, nullptr);
    return Next() ? response.status() : HealthCheckResponse::UNKNOWN;
  }

 private:
  bool Next() {
    void* tag;
    bool ok = false;
    queue_.Next(&tag, &ok);
    return ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::TemplatedGenericStub<HealthCheckRequest, HealthCheckResponse> stub_;
  std::unique_ptr<
      grpc::ClientAsyncReaderWriter<HealthCheckRequest, HealthCheckResponse>>
      stream_;
};

class DrainTest : public DeliveryTest {
 protected:
  // A call that mParticle has been sent, and what it will be answered.
  std::future<DeliverReply> StartCall() {
    auto reply = std::async(std::launch::async, [this] {
      return service_.Deliver({LoggedIn("m-0", "u-1")}, "acme");
    });
    mparticle_.WaitForRequests(1);
    return reply;
  }

  std::future<void> StartDrain(absl::Duration grace) {
    return std::async(std::launch::async,
                      [this, grace] { service_.server().Drain(grace); });
  }

  void ExpectOutcome(const DeliverReply& reply, Outcome outcome,
                     Reason reason) {
    ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
    ASSERT_THAT(reply.response.results(), SizeIs(1));
    EXPECT_EQ(reply.response.results(0).outcome(), outcome);
    EXPECT_EQ(reply.response.results(0).reason(), reason);
  }

  int AdminStatus(const char* path) {
    httplib::Client admin("127.0.0.1", service_.server().admin_port());
    const auto answer = admin.Get(path);
    return answer ? answer->status : 0;
  }
};

TEST_F(DrainTest, CallThatCanFinishIsFinished) {
  HealthWatch health(service_.channel());
  EXPECT_EQ(health.Read(), HealthCheckResponse::SERVING);
  EXPECT_EQ(AdminStatus("/readyz"), 200);
  absl::Notification may_answer;
  mparticle_.OnNextRequest(Action::Answer(202).After(may_answer));
  auto reply = StartCall();
  auto drained = StartDrain(kNoHurry);

  EXPECT_EQ(health.Read(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(AdminStatus("/readyz"), 503);
  EXPECT_EQ(AdminStatus("/healthz"), 200) << "it lives until it has drained";
  may_answer.Notify();
  ExpectOutcome(reply.get(), OUTCOME_ACCEPTED, REASON_TAKEN);
  drained.get();
}

TEST_F(DrainTest, CallThatCannotFinishIsToldTheTruth) {
  mparticle_.OnNextRequest(Action::Stall());
  auto reply = StartCall();
  StartDrain(absl::Milliseconds(100)).get();
  ExpectOutcome(reply.get(), OUTCOME_UNKNOWN,
                REASON_CONNECTION_LOST_AFTER_SENDING);
}

TEST_F(DrainTest, CallWhoseTurnHasNotComeIsNotDelivered) {
  mparticle_.BeforeNextHandshake(Action::Stall());
  auto reply = std::async(std::launch::async, [this] {
    return service_.Deliver({LoggedIn("m-0", "u-1")}, "acme");
  });
  mparticle_.WaitForConnections(1);
  StartDrain(absl::Milliseconds(100)).get();
  ExpectOutcome(reply.get(), OUTCOME_NOT_DELIVERED, REASON_SHUTTING_DOWN);
  EXPECT_EQ(mparticle_.received_bytes(), 0u);
}

// Of every kind that waits: for an answer, for a turn, for another attempt.
TEST_F(DrainTest, EveryCallOfManyIsAnsweredWithTheTruth) {
  const auto integration = [this](const std::string& more) {
    return support::IntegrationText(mparticle_.name_and_port(),
                                    support::TestCertificates::Get().ca_file(),
                                    more);
  };
  support::RunningService service(
      {{"stalled", integration("")},
       {"resting", integration("")},
       {"paced", integration("  max_batches_per_second: 1\n")}});
  mparticle_.ByDefault(Action::Answer(503, "", {"Retry-After: 300"}));
  mparticle_.OnRequestsWith("stalled", Action::Stall());
  std::vector<std::future<DeliverReply>> replies;
  constexpr int kCallsOfEach = 17;
  for (int i = 0; i < kCallsOfEach; ++i) {
    for (const std::string id : {"stalled", "resting", "paced"}) {
      replies.push_back(std::async(std::launch::async, [&service, id, i] {
        const std::string name = absl::StrCat(id, "-", i);
        return service.Deliver({LoggedIn(name, name)}, id);
      }));
    }
  }
  while (support::Scrape(
             service.server().admin_port())["signal_delivery_calls_under_way"] <
         3 * kCallsOfEach) {
    std::this_thread::yield();
  }
  service.server().Drain(absl::Milliseconds(100));
  for (auto& future : replies) {
    const DeliverReply reply = future.get();
    ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
    ASSERT_THAT(reply.response.results(), SizeIs(1));
    const EventResult& result = reply.response.results(0);
    const bool was_stalled = absl::StartsWith(result.message_id(), "stalled") &&
                             result.attempts() > 0;
    EXPECT_EQ(result.outcome(),
              was_stalled ? OUTCOME_UNKNOWN : OUTCOME_NOT_DELIVERED)
        << result.message_id() << ": " << result.detail();
  }
}

// Its request never comes, and it has no deadline.
TEST_F(DrainTest, IsNotHeldUpByACallThatIsNeverSent) {
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::TemplatedGenericStub<DeliverEventsRequest, DeliverEventsResponse> stub(
      service_.channel());
  const auto call = stub.PrepareCall(
      &context, "/datafly.delivery.v1.DeliveryService/DeliverEvents", &queue);
  call->StartCall(nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  // Comes behind it on the same connection.
  EXPECT_TRUE(service_.Deliver({LoggedIn("m-0", "u-1")}, "acme").status.ok());
  StartDrain(absl::Milliseconds(100)).get();
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  EXPECT_FALSE(status.ok());
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
}

TEST_F(DrainTest, NothingUnderWayTakesNoTime) {
  StartDrain(kNoHurry).get();
  EXPECT_EQ(
      service_.Deliver({LoggedIn("m-0", "u-1")}, "acme").status.error_code(),
      grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(mparticle_.connections(), 0);
}

TEST_F(DrainTest, IsNotHeldUpByThoseWhoWatchTheHealth) {
  HealthWatch whole(service_.channel());
  HealthWatch delivery(service_.channel(),
                       "datafly.delivery.v1.DeliveryService");
  HealthWatch unknown(service_.channel(), "datafly.Other");
  EXPECT_EQ(whole.Read(), HealthCheckResponse::SERVING);
  EXPECT_EQ(delivery.Read(), HealthCheckResponse::SERVING);
  EXPECT_EQ(unknown.Read(), HealthCheckResponse::SERVICE_UNKNOWN);
  StartDrain(kNoHurry).get();
  EXPECT_EQ(whole.Read(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(delivery.Read(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(unknown.Read(), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST_F(DrainTest, MindsNobodyWhoStoppedWatching) {
  { HealthWatch gone(service_.channel()); }
  HealthWatch health(service_.channel());
  EXPECT_EQ(health.Read(), HealthCheckResponse::SERVING);
  StartDrain(kNoHurry).get();
  EXPECT_EQ(health.Read(), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace signal_delivery::server

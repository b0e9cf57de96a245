// What a stream may take of the service, who may use it, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/incoming_stream.h"
#include "tests/server/delivery_test.h"
#include "tests/support/caller.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"
#include "tests/support/signal_events.h"
#include "tests/support/stream_caller.h"
#include "tools/retry_delay.h"

namespace signal_delivery::server {
namespace {

using support::Action;
using support::kNoHurry;
using support::LoggedIn;
using support::RunningService;
using support::StreamCaller;
using support::StreamRequest;
using ::testing::SizeIs;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the results.

constexpr int kMore = 5;

// printf %s canary-token | sha256sum
constexpr char kHash[] =
    "4b598de5faa6a2208f99f7b8a6b61378ac7d7a36d9524056e9be61c17c37667f";

class StreamLimitsTest : public DeliveryTest {
 protected:
  static double Metric(RunningService& service, const std::string& name) {
    return support::Scrape(service.server().admin_port())[name];
  }
  static void Await(RunningService& service, const std::string& name,
                    double value) {
    while (Metric(service, name) != value) std::this_thread::yield();
  }

  // Sends so many requests that mParticle does not answer, and waits until all
  // of them have come to the service and it has taken in what it does.
  void SendWithoutPause(StreamCaller& stream, int requests) {
    mparticle_.ByDefault(Action::Answer(202).After(may_answer_));
    for (int i = 1; i <= requests; ++i) {
      EXPECT_TRUE(stream.Send(StreamRequest(
          i, {LoggedIn(absl::StrCat("m-", i), absl::StrCat("u-", i))})));
    }
    // Comes behind them on the same connection.
    EXPECT_TRUE(service_.Preview({LoggedIn("m", "u")}, "acme").status.ok());
    while (Metric(service_, "signal_delivery_calls_under_way") <
           kMaxUnderWayPerStream) {
      std::this_thread::yield();
    }
  }

  static void ExpectAllTaken(
      const std::map<uint64_t, DeliverStreamResponse>& responses) {
    for (const auto& [id, response] : responses) {
      ASSERT_THAT(response.response().results(), SizeIs(1)) << id;
      EXPECT_EQ(response.response().results(0).outcome(), OUTCOME_ACCEPTED);
    }
  }

  // Until the service takes no streams any more. gRPC 1.51 forgets those that
  // come in the moment of its shutdown: they end with their connection, which
  // waits for what is under way.
  void AwaitEndOfStreams() {
    while (true) {
      StreamCaller another(service_.channel(), {}, "DeliverStream",
                           absl::Seconds(5));
      another.HalfClose();
      if (!another.End().ok()) return;
    }
  }

  absl::Notification may_answer_;
};

TEST_F(StreamLimitsTest, WhoSendsWithoutPauseIsHeldBack) {
  constexpr int kAll = kMaxUnderWayPerStream + kMore;
  StreamCaller stream(service_.channel());
  SendWithoutPause(stream, kAll);
  EXPECT_EQ(Metric(service_, "signal_delivery_calls_under_way"),
            kMaxUnderWayPerStream);
  may_answer_.Notify();
  stream.HalfClose();
  const auto responses = stream.ReadAll();
  EXPECT_THAT(responses, SizeIs(kAll));
  ExpectAllTaken(responses);
  EXPECT_TRUE(stream.End().ok());
}

TEST_F(StreamLimitsTest, AtItsEndTheServiceAnswersWhatItReadAndReadsNoMore) {
  StreamCaller stream(service_.channel());
  SendWithoutPause(stream, kMaxUnderWayPerStream + kMore);
  StreamCaller quiet(service_.channel());
  Await(service_, "signal_delivery_streams", 2);
  auto drained = std::async(std::launch::async,
                            [this] { service_.server().Drain(kNoHurry); });
  EXPECT_EQ(quiet.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  AwaitEndOfStreams();
  may_answer_.Notify();
  const auto responses = stream.ReadAll();
  EXPECT_THAT(responses, SizeIs(kMaxUnderWayPerStream));
  ExpectAllTaken(responses);
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  drained.get();
  EXPECT_THAT(mparticle_.requests(), SizeIs(kMaxUnderWayPerStream));
}

TEST_F(StreamLimitsTest, AtItsEndTheServiceTellsTheTruthOfWhatCannotFinish) {
  mparticle_.OnNextRequest(Action::Stall());
  StreamCaller stream(service_.channel());
  stream.Send(StreamRequest(1, {LoggedIn("m-1", "u")}));
  mparticle_.WaitForRequests(1);
  auto drained = std::async(std::launch::async, [this] {
    service_.server().Drain(absl::Milliseconds(100));
  });
  const auto responses = stream.ReadAll();
  ASSERT_THAT(responses, SizeIs(1));
  EXPECT_EQ(responses.at(1).response().results(0).outcome(), OUTCOME_UNKNOWN);
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  drained.get();
}

TEST_F(StreamLimitsTest, AQuietStreamIsNotGivenUpAsASlowRequestIs) {
  RunningService service({{"acme", IntegrationTo(mparticle_.name_and_port())}},
                         "max_streams: 20\n",
                         {.request_time = absl::Milliseconds(100)});
  std::deque<StreamCaller> streams;
  // More than there may be slow requests.
  constexpr int kStreams = 20;
  for (int i = 0; i < kStreams; ++i) streams.emplace_back(service.channel());
  Await(service, "signal_delivery_streams", kStreams);
  // A call whose request never comes, begun later than the streams.
  StreamCaller unfinished(service.channel(), {}, "DeliverEvents");
  EXPECT_EQ(unfinished.End().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  for (StreamCaller& stream : streams) {
    EXPECT_TRUE(stream.Send(StreamRequest(1, {LoggedIn("m-1", "u")})));
    EXPECT_TRUE(stream.Read().has_value());
  }
}

TEST_F(StreamLimitsTest, AStreamThatIsOpenForLongEndsWithARequest) {
  RunningService service({{"acme", IntegrationTo(mparticle_.name_and_port())}},
                         "", {.age_grace = absl::ZeroDuration()});
  StreamCaller stream(service.channel());
  stream.Send(StreamRequest(1, {LoggedIn("m-1", "u")}));
  const auto responses = stream.ReadAll();
  EXPECT_THAT(responses, SizeIs(1));
  ExpectAllTaken(responses);
  EXPECT_EQ(stream.End().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(StreamLimitsTest, ThereAreOnlySoManyStreams) {
  RunningService service({{"acme", IntegrationTo(mparticle_.name_and_port())}},
                         "max_streams: 3\n");
  std::deque<StreamCaller> streams;
  for (int i = 0; i < 3; ++i) streams.emplace_back(service.channel());
  Await(service, "signal_delivery_streams", 3);
  const grpc::Status status = StreamCaller(service.channel()).End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(support::ReasonOf(status), "TOO_MANY_STREAMS");
  EXPECT_GT(RetryDelay(status), absl::ZeroDuration());
  streams.pop_front();
  Await(service, "signal_delivery_streams", 2);
  StreamCaller another(service.channel());
  another.HalfClose();
  EXPECT_TRUE(another.End().ok());
}

// ---- Who may
// -----------------------------------------------------------------

class StreamAccessTest : public StreamLimitsTest {
 protected:
  void Start(const std::string& more) {
    const std::string integration = IntegrationTo(mparticle_.name_and_port());
    service_ = std::make_unique<RunningService>(
        std::map<std::string, std::string>{{"acme", integration},
                                           {"beta", integration}},
        absl::StrCat("callers:\n  - name: checkout\n    token_sha256: ", kHash,
                     "\n", more));
  }
  std::unique_ptr<StreamCaller> Open() {
    return std::make_unique<StreamCaller>(
        service_->channel(), std::map<std::string, std::string>{
                                 {"authorization", "Bearer canary-token"}});
  }

  std::unique_ptr<RunningService> service_;
};

TEST_F(StreamAccessTest, IsAskedForWithEachRequest) {
  Start("    integrations: acme\n    methods: DeliverStream\n");
  const auto stream = Open();
  stream->Send(StreamRequest(1, {LoggedIn("m-1", "u")}, "beta"));
  EXPECT_EQ(support::ReasonOf(stream->Read()->error()),
            "INTEGRATION_NOT_ALLOWED");
  stream->Send(StreamRequest(2, {LoggedIn("m-2", "u")}));
  EXPECT_TRUE(stream->Read()->has_response());
  service_->server().callers().Replace(
      std::vector<server::Caller>{{.name = "else", .grants = {Grant()}}});
  stream->Send(StreamRequest(3, {LoggedIn("m-3", "u")}));
  EXPECT_EQ(support::ReasonOf(stream->Read()->error()), "UNKNOWN_CALLER");
  EXPECT_THAT(mparticle_.requests(), SizeIs(1));
  stream->HalfClose();
  EXPECT_TRUE(stream->End().ok());
}

TEST_F(StreamAccessTest, IsNeededForAStreamAtAll) {
  Start("    methods: DeliverEvents\n");
  const grpc::Status status = Open()->End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(support::ReasonOf(status), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(StreamCaller(service_->channel()).End().error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace signal_delivery::server

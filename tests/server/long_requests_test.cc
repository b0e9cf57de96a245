// Requests that take the service long do not keep others waiting.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "tests/server/delivery_test.h"
#include "tests/support/caller.h"
#include "tests/support/exposed_metrics.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliveryService;
using ::datafly::delivery::v1::PreviewEventsRequest;
using ::datafly::delivery::v1::PreviewEventsResponse;

// To explain so many takes a second or so, a call of one event a millisecond.
constexpr int kEvents = 5'000;
constexpr int kProperties = 40;

PreviewEventsRequest OfManyEvents() {
  PreviewEventsRequest request;
  request.set_integration_id("acme");
  for (int i = 0; i < kEvents; ++i) {
    auto& event = *request.add_events();
    event = support::LoggedIn("m" + std::to_string(i), "u1");
    for (int p = 0; p < kProperties; ++p) {
      event = support::With("property_" + std::to_string(p), "a value",
                            std::move(event));
    }
  }
  return request;
}

class LongRequestsTest : public DeliveryTest {
 protected:
  std::shared_ptr<grpc::Channel> ChannelForLargeAnswers() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(one_thread_.server().port()),
        grpc::InsecureChannelCredentials(), arguments);
  }

  double Metric(const std::string& series) {
    return support::Scrape(one_thread_.server().admin_port())[series];
  }

  support::RunningService one_thread_{
      {{"acme", IntegrationTo(mparticle_.name_and_port())}},
      "call_threads: 1\n"};
};

TEST_F(LongRequestsTest, AreHandledBesideTheThreadThatTakesCalls) {
  const PreviewEventsRequest request = OfManyEvents();
  PreviewEventsResponse response;
  grpc::Status status;
  std::thread caller([&] {
    grpc::ClientContext context;
    status = DeliveryService::NewStub(ChannelForLargeAnswers())
                 ->PreviewEvents(&context, request, &response);
  });
  while (Metric("signal_delivery_calls_under_way") == 0) {
  }
  EXPECT_EQ(support::Caller::Plaintext(one_thread_.server().port())
                .Deliver("nobody")
                .error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Metric("grpc_server_call_duration_seconds_count{grpc_method="
                   "\"datafly.delivery.v1.DeliveryService/PreviewEvents\","
                   "grpc_status=\"OK\"}"),
            0)
      << "the short call waited for the long one";
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.events_size(), kEvents);
}

}  // namespace
}  // namespace signal_delivery::server

// Requests that fail as a whole: the code, and the details that a program
// decides on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/connection_limits.h"
#include "tests/server/delivery_test.h"
#include "tests/support/running_service.h"
#include "tests/support/signal_events.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using support::DeliverReply;
using support::LoggedIn;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The details of an error, as any gRPC client reads them.
struct Details {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::Help help;
};

Details DetailsOf(const grpc::Status& status) {
  Details details;
  EXPECT_TRUE(details.status.ParseFromString(status.error_details()));
  for (const auto& any : details.status.details()) {
    EXPECT_TRUE(any.UnpackTo(&details.info) ||
                any.UnpackTo(&details.bad_request) ||
                any.UnpackTo(&details.help))
        << any.type_url();
  }
  return details;
}

std::string RequestOf(int events, const std::string& integration = "acme") {
  DeliverEventsRequest request;
  request.set_integration_id(integration);
  for (int i = 0; i < events; ++i) {
    *request.add_events() = LoggedIn(absl::StrCat("m-", i), "u-1");
  }
  return request.SerializeAsString();
}

class BadRequestsTest : public DeliveryTest {
 protected:
  void ExpectNothingWasSentAndTheNextCallIsServed() {
    EXPECT_EQ(mparticle_.connections(), 0);
    const DeliverReply reply = service_.CallWithBytes(RequestOf(1));
    ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
    ASSERT_THAT(reply.response.results(), SizeIs(1));
    EXPECT_EQ(reply.response.results(0).outcome(),
              datafly::delivery::v1::OUTCOME_ACCEPTED);
  }
};

struct Row {
  const char* name;
  std::function<std::string()> wire;
  grpc::StatusCode code;
  const char* reason;
  // The field at fault; null where no field is.
  const char* field;
};

class BadRequest : public BadRequestsTest,
                   public testing::WithParamInterface<Row> {};

TEST_P(BadRequest, FailsWithDetailsAndSendsNothing) {
  for (const char* method : {"DeliverEvents", "PreviewEvents"}) {
    const grpc::Status status =
        service_.CallWithBytes(GetParam().wire(), method).status;
    EXPECT_EQ(status.error_code(), GetParam().code) << status.error_message();
    EXPECT_THAT(status.error_message(), Not(IsEmpty()));
    const Details details = DetailsOf(status);
    EXPECT_EQ(details.status.code(), GetParam().code);
    EXPECT_EQ(details.status.message(), status.error_message());
    EXPECT_EQ(details.info.domain(), "delivery.datafly");
    EXPECT_EQ(details.info.reason(), GetParam().reason);
    ASSERT_THAT(details.help.links(), SizeIs(1));
    EXPECT_EQ(details.help.links(0).url(),
              absl::StrCat("server/ERRORS.md#",
                           absl::AsciiStrToLower(GetParam().reason)));
    if (GetParam().field == nullptr) {
      EXPECT_THAT(details.bad_request.field_violations(), IsEmpty());
    } else {
      ASSERT_THAT(details.bad_request.field_violations(), SizeIs(1));
      const auto& violation = details.bad_request.field_violations(0);
      EXPECT_EQ(violation.field(), GetParam().field);
      EXPECT_THAT(violation.description(), Not(IsEmpty()));
    }
  }
  ExpectNothingWasSentAndTheNextCallIsServed();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRequest,
    testing::Values(
        Row{"NoEvents", [] { return RequestOf(0); },
            grpc::StatusCode::INVALID_ARGUMENT, "NO_EVENTS", "events"},
        Row{"TooManyEvents", [] { return RequestOf(10'001); },
            grpc::StatusCode::INVALID_ARGUMENT, "TOO_MANY_EVENTS", "events"},
        Row{"UnknownIntegration", [] { return RequestOf(1, "acme-us"); },
            grpc::StatusCode::NOT_FOUND, "NO_SUCH_INTEGRATION", nullptr},
        Row{"NoIntegration", [] { return RequestOf(1, ""); },
            grpc::StatusCode::INVALID_ARGUMENT, "INVALID_INTEGRATION_ID",
            "integration_id"},
        Row{"IntegrationThatIsNotUtf8",
            // Field 1, two bytes; then a good event.
            [] { return "\x0a\x02\xff\xfe" + RequestOf(1, ""); },
            grpc::StatusCode::INVALID_ARGUMENT, "INVALID_INTEGRATION_ID",
            "integration_id"},
        Row{"IntegrationThatIsNoFilesName",
            [] { return RequestOf(1, std::string(256, 'x')); },
            grpc::StatusCode::INVALID_ARGUMENT, "INVALID_INTEGRATION_ID",
            "integration_id"},
        Row{"Garbage", [] { return std::string("\xff\xff\xff\xff garbage"); },
            grpc::StatusCode::INVALID_ARGUMENT, "UNREADABLE_REQUEST", ""},
        Row{"RequestThatIsCut",
            [] {
              std::string wire = RequestOf(1);
              wire.pop_back();
              return wire;
            },
            grpc::StatusCode::INVALID_ARGUMENT, "UNREADABLE_REQUEST", ""},
        Row{"NoBytes", [] { return std::string(); },
            grpc::StatusCode::INVALID_ARGUMENT, "INVALID_INTEGRATION_ID",
            "integration_id"}),
    [](const auto& info) { return info.param.name; });

TEST_F(BadRequestsTest, TenThousandEventsAreTaken) {
  const DeliverReply reply = service_.CallWithBytes(RequestOf(10'000));
  ASSERT_TRUE(reply.status.ok()) << reply.status.error_message();
  ASSERT_THAT(reply.response.results(), SizeIs(10'000));
  for (const auto& result : reply.response.results()) {
    ASSERT_EQ(result.outcome(), datafly::delivery::v1::OUTCOME_ACCEPTED);
  }
  for (const auto& request : mparticle_.requests()) {
    EXPECT_LE(request.body.size(), 128'000u);
  }
}

// A request of exactly so many bytes: a field that the schema does not have
// fills it up.
std::string RequestOfSize(size_t size) {
  std::string wire = RequestOf(0);
  // Field 100, length-delimited: 2 bytes of tag, 4 of length.
  const size_t filler = size - wire.size() - 6;
  absl::StrAppend(&wire, "\xa2\x06");
  for (int byte = 0; byte < 4; ++byte) {
    const int more = byte < 3 ? 0x80 : 0;
    wire += static_cast<char>((filler >> (7 * byte) & 0x7f) | more);
  }
  return wire.append(filler, 'x');
}

const int kMaxRequestBytes = ConnectionLimits().max_request_bytes;

TEST_F(BadRequestsTest, OverTheReceiveLimitIsResourceExhausted) {
  const grpc::Status at_limit =
      service_.CallWithBytes(RequestOfSize(kMaxRequestBytes)).status;
  EXPECT_EQ(at_limit.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
      << "read, and found to hold no events: " << at_limit.error_message();
  const grpc::Status over_limit =
      service_.CallWithBytes(RequestOfSize(kMaxRequestBytes + 1)).status;
  EXPECT_EQ(over_limit.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED)
      << over_limit.error_message();
  ExpectNothingWasSentAndTheNextCallIsServed();
}

TEST_F(BadRequestsTest, TheMessageSaysWhatToDo) {
  EXPECT_THAT(service_.CallWithBytes(RequestOf(10'001)).status.error_message(),
              HasSubstr("at most 10000"));
  EXPECT_THAT(
      service_.CallWithBytes(RequestOf(1, "acme-us")).status.error_message(),
      HasSubstr("no integration \"acme-us\""));
}

}  // namespace
}  // namespace signal_delivery::server

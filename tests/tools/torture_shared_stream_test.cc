// A service that lies on a stream, and what the oracle's callers make of it.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "tools/torture_driver/call_log.h"
#include "tools/torture_driver/shared_stream.h"

namespace signal_delivery::torture {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using namespace ::datafly::delivery::v1;  // NOLINT: the names of the schema.

using Wire =
    grpc::ServerReaderWriter<DeliverStreamResponse, DeliverStreamRequest>;
using Behaviour = std::function<grpc::Status(Wire& wire)>;

constexpr absl::Duration kNoHurry = absl::Seconds(30);

DeliverStreamResponse Answer(const DeliverStreamRequest& request) {
  DeliverStreamResponse response;
  response.set_request_id(request.request_id());
  response.mutable_response()->add_results()->set_detail(
      request.integration_id());
  return response;
}

DeliverStreamResponse Error(const DeliverStreamRequest& request,
                            grpc::StatusCode code) {
  DeliverStreamResponse response;
  response.set_request_id(request.request_id());
  response.mutable_error()->set_code(code);
  return response;
}

grpc::Status AnswerAll(Wire& wire) {
  DeliverStreamRequest request;
  while (wire.Read(&request)) wire.Write(Answer(request));
  return grpc::Status::OK;
}

class Service : public DeliveryService::Service {
 public:
  explicit Service(Behaviour behaviour) : behaviour_(std::move(behaviour)) {}
  grpc::Status DeliverStream(grpc::ServerContext* /*context*/,
                             Wire* wire) override {
    return behaviour_(*wire);
  }

 private:
  const Behaviour behaviour_;
};

class SharedStreamTest : public testing::Test {
 protected:
  // Each stream is answered so.
  void Serve(Behaviour behaviour,
             absl::Duration longest_use = SharedStream::kLongestUse) {
    service_ = std::make_unique<Service>(std::move(behaviour));
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stream_ = std::make_unique<SharedStream>(
        DeliveryService::NewStub(
            grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                grpc::InsecureChannelCredentials())),
        /*replica=*/0, log_, longest_use);
  }

  grpc::Status Deliver(absl::Duration patience = kNoHurry) {
    DeliverEventsRequest request;
    request.set_integration_id("acme");
    return stream_->Deliver(request, patience / 2, patience / 2, response_);
  }

  void ExpectLie(const std::string& what, absl::Duration patience = kNoHurry) {
    const grpc::Status status = Deliver(patience);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
    EXPECT_THAT(status.error_message(), HasSubstr(what));
  }

  // Of what the test counts on the server's side.
  std::atomic<int> count_ = 0;
  CallLog log_;
  DeliverEventsResponse response_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<SharedStream> stream_;  // ends before the server
};

TEST_F(SharedStreamTest, RequestsShareAStream) {
  Serve([this](Wire& wire) {
    ++count_;
    return AnswerAll(wire);
  });
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Deliver().ok());
    EXPECT_EQ(response_.results(0).detail(), "acme");
  }
  EXPECT_EQ(count_, 1);
  EXPECT_THAT(log_.totals().bad_answers, IsEmpty());
}

TEST_F(SharedStreamTest, AStreamThatIsTooOldIsHalfClosed) {
  Serve(
      [this](Wire& wire) {
        AnswerAll(wire);
        ++count_;
        return grpc::Status::OK;
      },
      /*longest_use=*/absl::ZeroDuration());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Deliver().ok());
  EXPECT_EQ(count_, 4);
  EXPECT_THAT(log_.totals().bad_answers, IsEmpty());
}

TEST_F(SharedStreamTest, AHalfClosedStreamThatEndsBadlyIsALie) {
  Serve(
      [](Wire& wire) {
        AnswerAll(wire);
        return grpc::Status(grpc::StatusCode::INTERNAL, "why?");
      },
      /*longest_use=*/absl::ZeroDuration());
  ASSERT_TRUE(Deliver().ok());
  ASSERT_TRUE(Deliver().ok());
  EXPECT_THAT(log_.totals().bad_answers,
              Contains(Key(HasSubstr("half-closed stream: "))));
}

TEST_F(SharedStreamTest, ARequestsErrorIsItsStatus) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    while (wire.Read(&request)) {
      wire.Write(Error(request, grpc::StatusCode::RESOURCE_EXHAUSTED));
    }
    return grpc::Status::OK;
  });
  EXPECT_EQ(Deliver().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(SharedStreamTest, AnEndWithoutResponseIsToldAsItIs) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    wire.Read(&request);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "ends");
  });
  EXPECT_EQ(Deliver().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(SharedStreamTest, AGoodEndWithoutResponseIsALie) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    wire.Read(&request);
    return grpc::Status::OK;
  });
  ExpectLie("ended well without all responses");
}

TEST_F(SharedStreamTest, AnEndThatOnlyARequestMayHaveIsALie) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    wire.Read(&request);
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "no room");
  });
  ExpectLie("ended with 8: no room");
}

TEST_F(SharedStreamTest, ADeadlineForARequestIsALie) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    while (wire.Read(&request)) {
      wire.Write(Error(request, grpc::StatusCode::DEADLINE_EXCEEDED));
    }
    return grpc::Status::OK;
  });
  ExpectLie("has the error 4");
}

TEST_F(SharedStreamTest, AResponseThatDoesNotComeIsALie) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    while (wire.Read(&request)) {
    }
    return grpc::Status::OK;
  });
  ExpectLie("no response", absl::Milliseconds(200));
}

TEST_F(SharedStreamTest, ASecondResponseIsALie) {
  Serve([](Wire& wire) {
    DeliverStreamRequest request;
    while (wire.Read(&request)) {
      wire.Write(Answer(request));
      wire.Write(Answer(request));
    }
    return grpc::Status::OK;
  });
  // The second request's response comes after the first one's second.
  ASSERT_TRUE(Deliver().ok());
  ASSERT_TRUE(Deliver().ok());
  EXPECT_THAT(log_.totals().bad_answers,
              Contains(Key("a response for no request of the stream")));
}

}  // namespace
}  // namespace signal_delivery::torture
